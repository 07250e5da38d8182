#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What tells the entries of a collection apart.
struct pattern_key {
    std::string_view pattern;
    pattern_type type = pattern_type::unknown;  ///< `unknown` where the collection has no types
    bool is_regex = false;

    /// Patterns are equal as they are, of addresses whatever their case.
    CLOUDFLARE_EXPORT friend bool operator==(pattern_key const& a, pattern_key const& b) noexcept;
    CLOUDFLARE_EXPORT friend std::size_t hash_value(pattern_key const& key);
};

/// An item, or an entry that is there, that has a name beside its pattern: the name tells it apart,
/// and the pattern is something that can be changed.
template <class Item>
concept has_name_as_key = requires(Item const& item) {
    item.name();
    item.pattern();
}
|| requires(Item const& there) {
    there.name.has_value();
    there.pattern.has_value();
};

/// What a new item is about: its name, its pattern, or its domain.
template <has_name_as_key Item>
std::string const& pattern_of(Item const& item) noexcept {
    return item.name();
}
template <class Item>
requires(!has_name_as_key<Item> && requires(Item const& item) {
    item.pattern();
}) std::string const& pattern_of(Item const& item) noexcept {
    return item.pattern();
}
template <class Item>
requires(
    !requires(Item const& item) { item.pattern(); } &&
    requires(Item const& item) {
        item.domain();
    }) std::string const& pattern_of(Item const& item) noexcept {
    return item.domain();
}

/// As above, of an entry that is there.
template <class Model>
std::optional<std::string> const& pattern_of_existing(Model const& there) noexcept {
    if constexpr (has_name_as_key<Model>) {
        return there.name;
    } else if constexpr (requires { there.pattern; }) {
        return there.pattern;
    } else {
        return there.domain;
    }
}

/// Whether the field of this name is part of the natural key of what has these fields.
inline bool is_key_field(std::span<wire::field const> fields, std::string_view name) noexcept {
    auto const has = [fields](std::string_view wanted) {
        return std::ranges::find(fields, wanted, &wire::field::name) != fields.end();
    };
    if (has("name") && has("pattern")) return name == "name";
    return name == "pattern" || name == "domain" || name == "pattern_type" || name == "is_regex";
}

/// The natural key of a new item of any collection of patterns or domains; a view into it.
template <class Item>
pattern_key key_of(Item const& item) noexcept {
    pattern_key key;
    key.pattern = pattern_of(item);
    if constexpr (requires { item.pattern_type(); }) key.type = item.pattern_type();
    if constexpr (requires { item.is_regex(); }) {
        key.is_regex = item.is_regex();
    } else {
        // Where the API has no flag, a pattern is one, and a domain is none. A name is taken as it
        // is, like one.
        key.is_regex = requires {
            item.pattern();
        };
    }
    return key;
}

/// The natural key of an entry that is there; a view into it.
template <class Model>
pattern_key key_of_existing(Model const& there) noexcept {
    pattern_key key;
    if (auto const& pattern = pattern_of_existing(there)) key.pattern = *pattern;
    if constexpr (requires { there.pattern_type; }) {
        if (there.pattern_type) {
            key.type = there.pattern_type->value().value_or(pattern_type::unknown);
        }
    }
    if constexpr (requires { there.is_regex; }) {
        key.is_regex = there.is_regex.value_or(false);
    } else {
        key.is_regex = requires {
            there.pattern;
        };
    }
    return key;
}

/// The pattern of a key in the form in which feeds have it; as it is when it is a regular
/// expression, or has no such form. `has_types`: whether patterns of its collection have types.
CLOUDFLARE_EXPORT std::string canonical_pattern(pattern_key const& key, bool has_types);

/// As above, of an entry that is there.
template <class Model>
std::string canonical_pattern(Model const& there) {
    constexpr bool has_types = requires {
        there.pattern_type;
    };
    return canonical_pattern(key_of_existing(there), has_types);
}

/// Where the keys of numbered entries are.
class key_source {
public:
    virtual pattern_key key(std::uint32_t number) const = 0;

protected:
    ~key_source() = default;
};

/// The keys of a feed's entries, which must outlive it.
template <class Item>
class entry_keys final : public key_source {
public:
    explicit entry_keys(std::vector<feed_entry<Item>> const& all) : all_{all} {}
    pattern_key key(std::uint32_t number) const override { return key_of(all_[number].item); }

private:
    std::vector<feed_entry<Item>> const& all_;
};

/// Finds entries by natural key. It keeps their numbers and parts of hashes, 10 to 20 bytes
/// each.
class CLOUDFLARE_EXPORT pattern_index {
public:
    /// The source must outlive the index.
    explicit pattern_index(key_source const& source);
    ~pattern_index();
    pattern_index(pattern_index const&) = delete;
    pattern_index& operator=(pattern_index const&) = delete;

    void reserve(std::size_t count);
    /// False when an entry with its key is there already.
    bool insert(std::uint32_t number);
    std::optional<std::uint32_t> find(pattern_key const& key) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace cloudflare::inline v0::email_security
