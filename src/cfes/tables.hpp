#pragma once

#include "globals.hpp"

#include <cloudflare/detail/codec.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Objects as tables and records for people, or as JSON for programs.
namespace cfes {

/// Names of fields; which of them a table shows, and in what order.
using columns = std::vector<std::string_view>;

/// An aligned table with a header.
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

template <class Model>
std::string show(Model const& object, output_form form) {
    if (form == output_form::json) return cloudflare::wire::to_json(object) + '\n';
    return to_record(to_tree(object));
}

/// @param shown what a table shows; all fields when it is empty.
template <class Model>
std::string show(std::vector<Model> const& objects, output_form form, columns shown = {}) {
    if (form == output_form::json) return cloudflare::wire::to_json(objects) + '\n';
    if (shown.empty()) {
        for (auto const& field : cloudflare::wire::fields_of<Model>()) {
            if (!field.is_deprecated) shown.push_back(field.name);
        }
    }
    std::vector<boost::json::value> trees;
    for (auto const& each : objects) trees.push_back(to_tree(each));
    return to_table(shown, trees);
}

}  // namespace cfes
