#include "entry_reader.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

bool contains(std::vector<std::string_view> const& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

std::size_t count_code_points(std::string_view utf8) {
    auto const starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, starts));
}

/// What is wrong with a text; empty when nothing is.
std::string check_text(field const& f, std::string_view text) {
    if (!f.values.empty() && !contains(f.values, text)) return "is not one of the allowed values";
    if (contains(f.unwritable, text)) return "must not be " + std::string{text};
    std::size_t const length = count_code_points(text);
    if (length < f.min_length) return "is too short";
    if (length > f.max_length) {
        return "is longer than " + std::to_string(f.max_length) + " characters";
    }
    return {};
}

std::string check_integer(field const& f, json::value const& value) {
    if (!value.is_int64()) return "must be an integer";
    std::int64_t const number = value.get_int64();
    if (number < f.min_value) return "is less than " + std::to_string(f.min_value);
    if (number > f.max_value) return "is more than " + std::to_string(f.max_value);
    return {};
}

std::string check_list(field const& f, json::value const& value, write_kind kind) {
    auto const* const list = value.if_array();
    if (!list) return "must be an array of strings";
    for (json::value const& item : *list) {
        auto const* const text = item.if_string();
        if (!text) return "must be an array of strings";
        if (std::string wrong = check_text(f, *text); !wrong.empty()) return wrong;
    }
    if (kind == write_kind::patch) return {};
    if (list->size() < f.min_items) return "has too few items";
    if (list->size() > f.max_items) {
        return "has more than " + std::to_string(f.max_items) + " items";
    }
    return {};
}

bool takes_null(field const& f, write_kind kind) {
    if (f.no_null_in_patch) return kind != write_kind::patch;
    return f.nullable;
}

std::string check_value(field const& f, json::value const& value, write_kind kind) {
    if (value.is_null()) return takes_null(f, kind) ? "" : "must not be null";
    switch (f.type) {
        case field_type::boolean:
            return value.is_bool() ? "" : "must be a boolean";
        case field_type::integer:
            return check_integer(f, value);
        case field_type::text:
            if (auto const* const text = value.if_string()) return check_text(f, *text);
            return "must be a string";
        case field_type::text_list:
            return check_list(f, value, kind);
        case field_type::object:
            return value.is_object() ? "" : "must be an object";
    }
    return {};
}

bool must_be_given(collection const& c, field const& f, write_kind kind) {
    if (!f.required || kind == write_kind::patch) return false;
    return kind == write_kind::create || c.put_requires;
}

bool is_known(collection const& c, std::string_view name) {
    return std::ranges::any_of(c.fields, [&](field const& f) {
        return !f.read_only && !f.hidden && (f.name == name || (!name.empty() && f.alias == name));
    });
}

bool refuses_unknown(collection const& c, write_kind kind) {
    return c.unknown == unknown_fields::refused ||
           (c.unknown == unknown_fields::refused_on_create && kind == write_kind::create);
}

}  // namespace

bool read_entry(collection const& c, json::object const& given, write_kind kind, row& values,
                std::string const& at, problems& found) {
    bool sound = true;
    auto const refuse = [&](std::string_view name, std::string const& why) {
        sound = false;
        found.add(400, std::string{name} + ' ' + why, at + '/' + std::string{name});
    };

    if (refuses_unknown(c, kind)) {
        // An item of a batch names the entry that it changes.
        bool const has_id = !at.empty() && kind != write_kind::create;
        for (json::key_value_pair const& one : given) {
            bool const known = is_known(c, one.key()) || (has_id && one.key() == "id");
            if (!known) refuse(one.key(), "is not a field that can be given");
        }
    }
    values.resize(c.fields.size());
    for (std::size_t i = 0; i != c.fields.size(); ++i) {
        field const& f = c.fields[i];
        if (f.read_only || f.hidden || (f.immutable && kind != write_kind::create)) continue;
        std::string_view name = f.name;
        json::value const* value = given.if_contains(name);
        if (!value && !f.alias.empty()) {
            name = f.alias;
            value = given.if_contains(name);
        }
        if (!value) {
            if (must_be_given(c, f, kind)) refuse(f.name, "is required");
            if (kind == write_kind::replace && !f.required) values[i] = nullptr;
        } else if (std::string const wrong = check_value(f, *value, kind); !wrong.empty()) {
            refuse(name, wrong);
        } else {
            // A copy out of the request's memory, which goes when it is answered.
            values[i] = json::value(*value, json::storage_ptr{});
        }
    }
    if (sound && c.check) {
        std::size_t const before = found.size();
        bool const was_full = found.full();
        c.check(c, values, at, found);
        sound = !was_full && found.size() == before;
    }
    return sound;
}

}  // namespace cloudflare::inline v0::simulator
