#pragma once

#include <cloudflare/codec.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// The option for a field: `is_regex` is `--is-regex`.
std::string option_name(std::string_view field);

/// Adds an option that sets a field of an object, which `object` keeps alive.
void add_field_option(CLI::App& to, cloudflare::wire::field const& field,
                      std::shared_ptr<void> object, bool is_boolean);

/// Adds an option for each field of a described type but those in `without`, and makes the object
/// that they set.
template <class T>
std::shared_ptr<T> add_field_options(CLI::App& to, std::vector<std::string_view> without = {}) {
    auto object = std::make_shared<T>();
    for (auto const& field : cloudflare::wire::fields_of<T>()) {
        auto const skipped = std::find(without.begin(), without.end(), field.name);
        if (field.is_deprecated || skipped != without.end()) continue;
        T probe;
        bool const is_boolean = field.how->on_boolean(field.address(&probe), true);
        add_field_option(to, field, object, is_boolean);
    }
    return object;
}

/// The place of a field; null when the type has none of that name.
template <class T>
cloudflare::wire::field const* find_field(std::string_view name) {
    for (auto const& field : cloudflare::wire::fields_of<T>()) {
        if (field.name == name && !field.is_deprecated) return &field;
    }
    return nullptr;
}

}  // namespace cfes
