#pragma once

#include "globals.hpp"

#include <cloudflare/codec.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/error.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// The text without what could move the cursor or end the line.
std::string one_line(std::string text);

/// An aligned table with a header.
std::string to_table(std::vector<std::string> const& header,
                     std::vector<std::vector<std::string>> const& rows);

/// A line for each field that is there, names aligned.
std::string to_record(std::span<cloudflare::wire::field const> fields, void const* object);

template <class Model>
std::string show(Model const& object, output_form form) {
    if (form == output_form::json) return cloudflare::wire::to_json(object) + '\n';
    return to_record(cloudflare::wire::fields_of<Model>(), &object);
}

template <class Model>
std::string show_all(std::vector<Model> const& objects, output_form form) {
    if (form == output_form::json) return cloudflare::wire::to_json(objects) + '\n';
    std::vector<std::string> header;
    for (auto const& field : cloudflare::wire::fields_of<Model>()) {
        if (!field.is_deprecated) header.emplace_back(field.name);
    }
    std::vector<std::vector<std::string>> rows;
    for (auto object : objects) {
        auto& row = rows.emplace_back();
        for (auto const& field : cloudflare::wire::fields_of<Model>()) {
            if (!field.is_deprecated) {
                row.push_back(cloudflare::wire::to_text(*field.how, field.address(&object)));
            }
        }
    }
    return to_table(header, rows);
}

/// One JSON object with the members of several, a line.
std::string join_objects(std::vector<std::string> const& objects);
/// What a sync did, as JSON: the report, what is left, and the failure that cut it short.
std::string to_object(cloudflare::email_security::sync_report const& report);
/// What a sync did, for people.
std::string show_report(cloudflare::email_security::sync_report const& report);
/// Lines on stderr, but not very many; then how many more there are, and `where` all are told.
void print_some(std::size_t count, std::function<std::string(std::size_t)> const& line,
                std::string const& where);
/// A line on stderr for each rejected entry, but not for very many.
void print_rejections(std::vector<cloudflare::email_security::rejection> const& rejected);
/// What is not in order in it: a line on stderr for each rejected entry, and why it stopped.
void print_complaints(cloudflare::email_security::sync_report const& report);

/// Writes to stdout; true when all of it could be written.
bool print(std::string_view text);
/// One line on stderr.
void complain(std::string_view text);
void complain(cloudflare::error const& why);

}  // namespace cfes
