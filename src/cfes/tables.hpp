#pragma once

#include <cloudflare/detail/codec.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

/// Objects as records for people.
namespace cfes {

/// A line for each field that is there, names aligned; what is nested is indented below its name.
std::string to_record(boost::json::value const& object);

/// The same lines, each further to the right.
std::string indent(std::string const& text);

/// An object as a tree, without the fields that the API has deprecated.
boost::json::value to_tree(cloudflare::wire::codec const& how, void const* object);
template <class T>
boost::json::value to_tree(T const& object) {
    return to_tree(cloudflare::wire::codec_for<T>(), &object);
}

/// A value as text, the beginning of it if it is too long for a line.
std::string to_text(boost::json::value const& value);

}  // namespace cfes
