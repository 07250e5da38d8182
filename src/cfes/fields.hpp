#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/object.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Options made from the fields of described types.
namespace cfes {

/// What a field means.
struct field_help {
    std::string_view name;
    std::string_view text;
    /// What the option takes; empty: as the field's type has it.
    std::string_view value = {};
};

/// Which options a type gets.
struct field_options {
    /// What its fields mean. A field that the API has deprecated gets an option only if it is here.
    std::vector<field_help> helps = {};
    /// Fields that must be given.
    std::vector<std::string_view> required = {};
    /// Fields without an option.
    std::vector<std::string_view> without = {};
    /// Whether `--clear-FIELD` sets a field to null, where the API allows that.
    bool can_clear = false;
    /// The heading of those that need not be given.
    std::string group = "Options";
};

/// The option for a field: `is_regex` is `--is-regex`.
std::string option_name(std::string_view field);

/// A field, and where it is in an object that is kept, and in a fresh one to try things on.
struct field_place {
    cloudflare::wire::field const* field;
    std::shared_ptr<void> object;
    void* probe;
};

/// Adds the options of fields, those that must be given first.
void add_options(CLI::App& to, std::vector<field_place> const& places, field_options const& how);

/// Adds an option for each scalar field of a described type, and each list of scalars, and gives
/// the object that they set.
template <class T>
std::shared_ptr<T> add_field_options(CLI::App& to, field_options const& how = {},
                                     std::shared_ptr<T> object = std::make_shared<T>()) {
    T probe;
    std::vector<field_place> places;
    for (auto const& field : cloudflare::wire::fields_of<T>()) {
        places.push_back({&field, object, field.address(&probe)});
    }
    add_options(to, places, how);
    return object;
}

/// As above, for an object of any described type.
std::shared_ptr<cloudflare::detail::any_object> add_field_options(
    CLI::App& to, cloudflare::detail::object_type const& type, field_options const& how = {});

/// The place of a field; null when the type has none of that name.
cloudflare::wire::field const* find_field(std::span<cloudflare::wire::field const> fields,
                                          std::string_view name);
template <class T>
cloudflare::wire::field const* find_field(std::string_view name) {
    return find_field(cloudflare::wire::fields_of<T>(), name);
}

}  // namespace cfes
