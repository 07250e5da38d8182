#pragma once

#include "collection.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace cloudflare::inline v0::simulator {

enum class write_kind {
    /// A new entry: required fields must be there.
    create,
    /// Only the fields given change.
    patch,
    /// Optional fields that are not given are cleared; required ones may be left out and stay.
    replace
};

/// Reads what a request says about one entry into `values`, which holds the entry as it was, or
/// nothing on create. What is wrong goes to `found`, with pointers that begin with `at`.
/// @returns whether nothing was wrong.
bool read_entry(collection const& c, boost::json::object const& given, write_kind kind, row& values,
                std::string const& at, problems& found);

}  // namespace cloudflare::inline v0::simulator
