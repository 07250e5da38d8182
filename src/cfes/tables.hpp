#pragma once

#include "globals.hpp"

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/object.hpp>

#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Objects as tables and records for people, or as JSON for programs.
namespace cfes {

/// Names of fields; which of them a table shows, and in what order.
using columns = std::vector<std::string_view>;

/// An aligned table with a header. A cell has 80 characters at most and no two blanks in a row;
/// JSON has all.
std::string to_table(std::vector<std::string> const& header,
                     std::vector<std::vector<std::string>> const& rows);
/// A row for each of the objects.
std::string to_table(columns const& header, std::vector<boost::json::value> const& objects);

/// A line for each field that is there, names aligned; what is nested is indented below its name.
std::string to_record(boost::json::value const& object);

/// An object as a tree, without the fields that the API has deprecated.
boost::json::value to_tree(cloudflare::wire::codec const& how, void const* object);
template <class T>
boost::json::value to_tree(T const& object) {
    return to_tree(cloudflare::wire::codec_for<T>(), &object);
}

/// A value as text, the beginning of it if it is too long for a line.
std::string to_text(boost::json::value const& value);

std::string show(cloudflare::wire::codec const& how, void const* object, output_form form);
template <class Model>
std::string show(Model const& object, output_form form) {
    return show(cloudflare::wire::codec_for<Model>(), &object, form);
}

/// Objects of which a codec makes an array; `fields` are theirs.
/// @param shown what a table shows; all fields when it is empty.
std::string show_list(cloudflare::wire::codec const& how, void const* objects,
                      std::span<cloudflare::wire::field const> fields, output_form form,
                      columns shown);
template <class Model>
std::string show(std::vector<Model> const& objects, output_form form, columns shown = {}) {
    return show_list(cloudflare::wire::codec_for<std::vector<Model>>(), &objects,
                     cloudflare::wire::fields_of<Model>(), form, std::move(shown));
}
inline std::string show(cloudflare::detail::object_list const& objects, output_form form,
                        columns shown) {
    return show_list(cloudflare::wire::codec_for<cloudflare::detail::object_list>(), &objects,
                     objects.type().fields(), form, std::move(shown));
}

}  // namespace cfes
