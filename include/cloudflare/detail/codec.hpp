#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/identifier.hpp>
#include <cloudflare/open_enum.hpp>
#include <cloudflare/patch_field.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// How C++ types look on the wire. A model is described once, by Boost.Describe; reading and
/// writing JSON, query strings and tables are compiled once and driven by the codec that is made
/// from the description. The name of a field on the wire is its member's name, without a trailing
/// underscore.
namespace cloudflare::inline v0::wire {

class codec;

/// A place for a value: which codec stores it, and where. No codec: the value is skipped.
struct slot {
    codec const* how = nullptr;
    void* where = nullptr;
};

/// Receives a value from a codec.
class CLOUDFLARE_EXPORT sink {
public:
    virtual void null() = 0;
    virtual void boolean(bool value) = 0;
    virtual void integer(std::int64_t value) = 0;
    virtual void number(double value) = 0;
    virtual void string(std::string_view value) = 0;
    /// A time; by default the string that it is in JSON.
    virtual void moment(timestamp value);
    virtual void begin_object() = 0;
    virtual void key(std::string_view name) = 0;
    virtual void end_object() = 0;
    virtual void begin_array() = 0;
    virtual void end_array() = 0;
    /// Whether it is also given the fields that the API has deprecated.
    virtual bool wants_deprecated() const { return true; }

protected:
    ~sink() = default;
};

/// Moves values between a C++ object of one type, given as `void*`, and the wire. The `on_`
/// functions return false when the JSON type does not fit.
class codec {
public:
    /// Null: by default the object stays as it is, as any field of a result may be null.
    virtual bool on_null(void*) const { return true; }
    virtual bool on_boolean(void*, bool) const { return false; }
    virtual bool on_integer(void*, std::int64_t) const { return false; }
    virtual bool on_number(void*, double) const { return false; }
    virtual bool on_string(void*, std::string_view) const { return false; }
    /// Makes the object as it was before anything was read. Only what a whole result can be needs
    /// it: what is inside begins anew with that.
    virtual void clear(void*) const {}
    /// An object or array begins: where its members or elements go; no codec when it does not fit.
    virtual slot on_object(void*) const { return {}; }
    virtual slot on_array(void*) const { return {}; }

    /// Of an object: the place of a member; `hint` is the caller's, 0 at first.
    virtual slot member(void*, std::string_view, std::size_t& /*hint*/) const { return {}; }
    /// Of an array: the place of one more element.
    virtual slot element(void*) const { return {}; }
    /// How many bytes one more element takes, or one more member of an object whose members are
    /// not known beforehand; 0 when it takes none of its own.
    virtual std::size_t element_size(void const*) const { return 0; }
    /// Of an array: how many elements there may be.
    virtual std::size_t max_elements(void const*) const { return static_cast<std::size_t>(-1); }
    /// The object or array has been read to its end.
    virtual void on_end(void*) const {}

    /// The names that a string, or each in an array of strings, is expected to be one of; empty
    /// when it can be any.
    virtual std::vector<std::string_view> choices() const { return {}; }

    /// Whether null is a value of its own, which the object can hold.
    virtual bool can_be_null() const { return false; }
    /// Whether it is an array.
    virtual bool is_list() const { return false; }
    /// Whether the object takes part in what is written: an optional without value does not.
    virtual bool is_present(void const*) const { return true; }
    virtual void write(void const* object, sink& out) const = 0;

protected:
    ~codec() = default;
};

template <class T>
struct codec_of;

/// The codec of a type: one object, also of a program and a shared library of ours, as the library
/// tells some types by it.
template <class T>
CLOUDFLARE_EXPORT codec const& codec_for() noexcept {
    static constexpr codec_of<T> instance;
    return instance;
}

template <>
struct codec_of<bool> final : codec {
    bool on_boolean(void* at, bool value) const override {
        *static_cast<bool*>(at) = value;
        return true;
    }
    void clear(void* at) const override { *static_cast<bool*>(at) = false; }
    void write(void const* at, sink& out) const override {
        out.boolean(*static_cast<bool const*>(at));
    }
};

template <>
struct codec_of<std::int64_t> final : codec {
    bool on_integer(void* at, std::int64_t value) const override {
        *static_cast<std::int64_t*>(at) = value;
        return true;
    }
    // The API describes its counts as `number`, so 20.0 is as good as 20.
    bool on_number(void* at, double value) const override {
        if (!(value >= -9007199254740992.0 && value <= 9007199254740992.0)) return false;
        auto const whole = static_cast<std::int64_t>(value);
        if (static_cast<double>(whole) != value) return false;
        *static_cast<std::int64_t*>(at) = whole;
        return true;
    }
    void clear(void* at) const override { *static_cast<std::int64_t*>(at) = 0; }
    void write(void const* at, sink& out) const override {
        out.integer(*static_cast<std::int64_t const*>(at));
    }
};

template <>
struct codec_of<double> final : codec {
    bool on_integer(void* at, std::int64_t value) const override {
        *static_cast<double*>(at) = static_cast<double>(value);
        return true;
    }
    bool on_number(void* at, double value) const override {
        *static_cast<double*>(at) = value;
        return true;
    }
    void clear(void* at) const override { *static_cast<double*>(at) = 0; }
    void write(void const* at, sink& out) const override {
        out.number(*static_cast<double const*>(at));
    }
};

template <>
struct codec_of<std::string> final : codec {
    bool on_string(void* at, std::string_view value) const override {
        static_cast<std::string*>(at)->assign(value);
        return true;
    }
    void clear(void* at) const override { static_cast<std::string*>(at)->clear(); }
    void write(void const* at, sink& out) const override {
        out.string(*static_cast<std::string const*>(at));
    }
};

template <>
struct CLOUDFLARE_EXPORT codec_of<identifier> final : codec {
    bool on_integer(void* at, std::int64_t value) const override {
        *static_cast<identifier*>(at) = identifier{value};
        return true;
    }
    bool on_string(void* at, std::string_view value) const override {
        *static_cast<identifier*>(at) = identifier{value};
        return true;
    }
    bool is_present(void const* at) const override {
        return !static_cast<identifier const*>(at)->empty();
    }
    void write(void const* at, sink& out) const override;
};

template <>
struct CLOUDFLARE_EXPORT codec_of<timestamp> final : codec {
    bool on_string(void* at, std::string_view value) const override;
    void write(void const* at, sink& out) const override {
        out.moment(*static_cast<timestamp const*>(at));
    }
};

/// Only written: an object with `code`, `message`, `outcome` and, where there was an answer,
/// `status`.
template <>
struct CLOUDFLARE_EXPORT codec_of<error> final : codec {
    void write(void const* at, sink& out) const override;
};

template <wire_enum E>
std::vector<std::string_view> names_of() {
    std::vector<std::string_view> names;
    for (auto const& each : wire_names(E{})) names.push_back(each.second);
    return names;
}

template <wire_enum E>
struct codec_of<E> final : codec {
    // What this version does not know is refused: only `open_enum` can keep it.
    bool on_string(void* at, std::string_view value) const override {
        auto const known = from_wire_name<E>(value);
        if (known) *static_cast<E*>(at) = *known;
        return known.has_value();
    }
    std::vector<std::string_view> choices() const override { return names_of<E>(); }
    void write(void const* at, sink& out) const override {
        out.string(wire_name(*static_cast<E const*>(at)));
    }
};

template <class E>
struct codec_of<open_enum<E>> final : codec {
    bool on_string(void* at, std::string_view value) const override {
        *static_cast<open_enum<E>*>(at) = open_enum<E>{value};
        return true;
    }
    std::vector<std::string_view> choices() const override { return names_of<E>(); }
    void write(void const* at, sink& out) const override {
        out.string(static_cast<open_enum<E> const*>(at)->text());
    }
};

template <class T>
struct codec_of<std::optional<T>> final : codec {
    using type = std::optional<T>;
    static void* value(void* at) { return &static_cast<type*>(at)->emplace(); }

    bool on_boolean(void* at, bool v) const override {
        return codec_for<T>().on_boolean(value(at), v);
    }
    bool on_integer(void* at, std::int64_t v) const override {
        return codec_for<T>().on_integer(value(at), v);
    }
    bool on_number(void* at, double v) const override {
        return codec_for<T>().on_number(value(at), v);
    }
    bool on_string(void* at, std::string_view v) const override {
        return codec_for<T>().on_string(value(at), v);
    }
    slot on_object(void* at) const override { return codec_for<T>().on_object(value(at)); }
    slot on_array(void* at) const override { return codec_for<T>().on_array(value(at)); }
    void clear(void* at) const override { static_cast<type*>(at)->reset(); }
    std::vector<std::string_view> choices() const override { return codec_for<T>().choices(); }
    bool is_list() const override { return codec_for<T>().is_list(); }
    bool is_present(void const* at) const override {
        return static_cast<type const*>(at)->has_value();
    }
    void write(void const* at, sink& out) const override {
        auto const& object = *static_cast<type const*>(at);
        if (object) {
            codec_for<T>().write(&*object, out);
        } else {
            out.null();
        }
    }
};

template <class T, bool Nullable>
struct codec_of<patch_field<T, Nullable>> final : codec {
    using type = patch_field<T, Nullable>;

    bool on_null(void* at) const override {
        if constexpr (Nullable) *static_cast<type*>(at) = std::nullopt;
        return Nullable;
    }
    bool on_boolean(void* at, bool v) const override {
        return set(at, [v](void* to) { return codec_for<T>().on_boolean(to, v); });
    }
    bool on_integer(void* at, std::int64_t v) const override {
        return set(at, [v](void* to) { return codec_for<T>().on_integer(to, v); });
    }
    bool on_number(void* at, double v) const override {
        return set(at, [v](void* to) { return codec_for<T>().on_number(to, v); });
    }
    bool on_string(void* at, std::string_view v) const override {
        return set(at, [v](void* to) { return codec_for<T>().on_string(to, v); });
    }
    slot on_array(void* at) const override {
        return codec_for<T>().on_array(&static_cast<type*>(at)->emplace());
    }
    std::vector<std::string_view> choices() const override { return codec_for<T>().choices(); }
    bool can_be_null() const override { return Nullable; }
    bool is_list() const override { return codec_for<T>().is_list(); }
    bool is_present(void const* at) const override {
        return !static_cast<type const*>(at)->is_left();
    }
    void write(void const* at, sink& out) const override {
        auto const& field = *static_cast<type const*>(at);
        if (field.is_set()) {
            codec_for<T>().write(&field.value(), out);
        } else {
            out.null();
        }
    }

private:
    template <class Read>
    static bool set(void* at, Read read) {
        T value{};
        if (!read(&value)) return false;
        *static_cast<type*>(at) = std::move(value);
        return true;
    }
};

template <class T>
struct codec_of<std::vector<T>> final : codec {
    using type = std::vector<T>;
    slot on_array(void* at) const override {
        static_cast<type*>(at)->clear();
        return {this, at};
    }
    void clear(void* at) const override { static_cast<type*>(at)->clear(); }
    slot element(void* at) const override {
        return {&codec_for<T>(), &static_cast<type*>(at)->emplace_back()};
    }
    std::size_t element_size(void const*) const override { return sizeof(T); }
    std::vector<std::string_view> choices() const override { return codec_for<T>().choices(); }
    bool is_list() const override { return true; }
    void write(void const* at, sink& out) const override {
        out.begin_array();
        for (auto const& each : *static_cast<type const*>(at)) codec_for<T>().write(&each, out);
        out.end_array();
    }
};

/// An object whose members are not known beforehand.
template <class T>
struct codec_of<std::map<std::string, T>> final : codec {
    using type = std::map<std::string, T>;
    slot on_object(void* at) const override {
        static_cast<type*>(at)->clear();
        return {this, at};
    }
    slot member(void* at, std::string_view name, std::size_t& /*hint*/) const override {
        auto& value =
            static_cast<type*>(at)->insert_or_assign(std::string{name}, T{}).first->second;
        return {&codec_for<T>(), &value};
    }
    std::size_t element_size(void const*) const override {
        constexpr std::size_t links = 32;  // of the tree
        return sizeof(typename type::value_type) + links;
    }
    void write(void const* at, sink& out) const override {
        out.begin_object();
        for (auto const& [name, value] : *static_cast<type const*>(at)) {
            out.key(name);
            codec_for<T>().write(&value, out);
        }
        out.end_object();
    }
};

/// One field of a described type.
struct field {
    std::string_view name;
    codec const* how;
    void* (*address)(void* object);
    /// The API still has it, but something else has replaced it.
    bool is_deprecated = false;
};

/// What a type may add to its description, found by argument-dependent lookup: the names of the
/// fields that the API has deprecated, and what to do when an object has been read.
template <class T>
concept has_deprecated_fields = requires {
    deprecated_fields(static_cast<T*>(nullptr)).size();
};
template <class T>
concept has_after_reading = requires(T& object) {
    after_reading(object);
};

// The deprecation of a member is for who reads it, not for what describes it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
template <auto Member>
struct member_of;
template <class C, class M, M C::*Member>
struct member_of<Member> {
    using type = M;
    static void* address(void* object) { return &(static_cast<C*>(object)->*Member); }
};
#pragma GCC diagnostic pop

constexpr std::string_view wire_field_name(std::string_view member) noexcept {
    if (member.ends_with('_')) member.remove_suffix(1);
    return member;
}

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                            boost::describe::mod_inherited>;

template <class T>
concept described = boost::describe::has_describe_members<T>::value && std::is_class_v<T>;

/// The fields of a described type, in the order of their description.
template <described T>
std::span<field const> fields_of() noexcept {
    static auto const fields = []<template <class...> class L, class... D>(L<D...>) {
        std::vector<field> all{field{wire_field_name(D::name),
                                     &codec_for<typename member_of<D::pointer>::type>(),
                                     &member_of<D::pointer>::address}...};
        if constexpr (has_deprecated_fields<T>) {
            for (auto const& name : deprecated_fields(static_cast<T*>(nullptr))) {
                for (auto& each : all) each.is_deprecated = each.is_deprecated || each.name == name;
            }
        }
        return all;
    }(members_of<T>{});
    return fields;
}

/// Finds a field by name; fields mostly come in one order, which makes `hint` right.
CLOUDFLARE_EXPORT field const* find_field(std::span<field const> fields, std::string_view name,
                                          std::size_t& hint) noexcept;

/// Writes the fields that are present, each with its key.
CLOUDFLARE_EXPORT void write_fields(std::span<field const> fields, void const* object, sink& out);

template <described T>
struct codec_of<T> final : codec {
    /// Begins anew: an answer that broke off may have left something in the object.
    slot on_object(void* at) const override {
        *static_cast<T*>(at) = T{};
        return {this, at};
    }
    void clear(void* at) const override { *static_cast<T*>(at) = T{}; }
    slot member(void* at, std::string_view name, std::size_t& hint) const override {
        auto const fields = std::span<field const>{fields_of<T>()};
        if (hint < fields.size() && fields[hint].name == name) {
            auto const& next = fields[hint++];
            return {next.how, next.address(at)};
        }
        auto const* const found = find_field(fields, name, hint);
        if (!found) return {};
        return {found->how, found->address(at)};
    }
    void on_end(void* at) const override {
        if constexpr (has_after_reading<T>) after_reading(*static_cast<T*>(at));
    }
    void write(void const* at, sink& out) const override {
        out.begin_object();
        write_fields(fields_of<T>(), at, out);
        out.end_object();
    }
};

/// The JSON text of an object.
CLOUDFLARE_EXPORT void append_json(codec const& how, void const* object, std::string& out);
template <class T>
std::string to_json(T const& value) {
    std::string out;
    append_json(codec_for<T>(), &value, out);
    return out;
}

/// Appends `?name=value&…` of the fields that are present, percent-encoded; nothing when none is.
/// An array gives one pair for each element.
CLOUDFLARE_EXPORT void append_query(std::span<field const> fields, void const* object,
                                    std::string& out);

/// The text of a scalar as it stands in a CSV, or of an array of scalars, with commas; empty when
/// absent.
CLOUDFLARE_EXPORT std::string to_text(codec const& how, void const* object);
/// Reads what `to_text` makes. False when it is none of that type; the object is then unspecified.
CLOUDFLARE_EXPORT bool from_text(codec const& how, void* object, std::string_view text);

/// Copies a scalar, or an array of them, from one described type to a field of another, as it would
/// travel on the wire: a `std::optional<bool>` into a `bool`, a value into a `patch_field`. An
/// absent one is not copied. False when it does not fit.
CLOUDFLARE_EXPORT bool copy_value(codec const& from, void const* source, codec const& to,
                                  void* target);

}  // namespace cloudflare::inline v0::wire
