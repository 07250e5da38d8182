#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/entry_match.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/identifier.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What "the same entry" means: the only place that knows it.
///
/// An entry has a key, which the API holds unique (the pattern with its type and its regex flag, a
/// domain, a name), and content, which is everything else that a caller can set. The traits of a
/// collection name the fields of the key; the rest follows from the descriptions of its model and
/// of its new item.
///
/// - Patterns, domains and addresses of a key are compared in the canonical form that
///   `recognise_pattern` gives them, or in lower case where they have no such form. The case of
///   what stands before the @ does not matter, as a server may store it in lower case. Regular
///   expressions are compared as they are.
/// - Of content, texts are compared as they are, and the absent one is the empty one. Lists are
///   sets; what they have of domains and networks is compared in canonical form.
/// - What the caller left out must not be there either, unless the API fills it in.
/// - What the API leaves out of an entry counts as its default, that is the new item's.
namespace cloudflare::inline v0::email_security {

/// A field that the API fills in where a create leaves it out.
struct filled_field {
    std::string_view name;
    /// What it fills in; empty when that is not known, and the field therefore not compared.
    std::string_view value = {};
};

/// Which fields differ, one bit each in the order of the new item's description.
struct content_difference {
    std::uint32_t differs = 0;
    /// Wanted other than by default, and not said of the entry that is there.
    std::uint32_t untold = 0;

    bool is_none() const noexcept { return differs == 0 && untold == 0; }
};

/// Whether the marks of owners in comments count as part of them.
enum class owner_marks { compared, ignored };

/// How the entries of one collection are identified and compared. Objects are passed by address,
/// and are of the types whose fields it was made of.
class CLOUDFLARE_EXPORT entry_identity {
public:
    struct description {
        std::span<std::string_view const> key;
        std::span<filled_field const> filled;
        std::span<wire::field const> item_fields;
        std::span<wire::field const> model_fields;
        /// A new item of which nothing was set. Must outlive the identity, like the fields.
        void const* default_item = nullptr;
    };
    explicit entry_identity(description const& of);

    /// A text that two items have in common if their keys are equal.
    std::string key_of_item(void const* item) const;
    /// The same of an entry that is there; empty when it lacks what tells it apart.
    std::string key_of_existing(void const* there) const;

    entry_match compare(void const* there, void const* item) const;

    /// Whether an entry that is there may have the key of an item, as far as it tells its own.
    bool may_have_key_of(void const* there, void const* item) const;

    /// Compares those fields of the content that have their bit in `which`.
    content_difference compare_content(void const* there, void const* item, std::uint32_t which,
                                       owner_marks marks) const;

    /// The ways in which the API may have stored what the item is about: as given, in lower case,
    /// in canonical form. Each once, the given one first.
    std::vector<std::string> spellings_of(void const* item) const;

    /// Why an item cannot be created where the entry is whose key it has: names the fields that
    /// differ.
    error conflict(wire::codec const& model, void const* there, void const* item) const;

    /// The fields of the key, one bit each.
    std::uint32_t key_fields() const noexcept { return key_fields_; }

private:
    enum class form { exact, caseless, domain, email, network };
    struct field_pair {
        std::uint32_t bit = 0;
        wire::field const* item = nullptr;
        wire::field const* model = nullptr;
        form how = form::exact;
        filled_field const* filled = nullptr;
    };
    enum class match { equal, differs, untold };
    class side;
    class text_forms;

    field_pair pair_of(std::size_t index, description const& of) const;
    form form_of_key(field_pair const& part, side const& from, std::string_view type) const;
    void append_key(std::string& key, side const& from, std::string_view assumed_type) const;
    match compare_field(field_pair const& which, void const* there, void const* item,
                        owner_marks marks) const;

    std::vector<field_pair> key_;
    std::vector<field_pair> content_;
    std::optional<field_pair> type_;
    std::optional<field_pair> flag_;
    std::uint32_t key_fields_ = 0;
    void const* default_item_;
};

/// The identity of a collection, made at its first use.
template <class Traits>
entry_identity const& identity_of() {
    static typename Traits::new_item const nothing_set;
    static entry_identity const made{[] {
        entry_identity::description of;
        of.key = Traits::key;
        if constexpr (requires { Traits::filled_in; }) of.filled = Traits::filled_in;
        of.item_fields = wire::fields_of<typename Traits::new_item>();
        of.model_fields = wire::fields_of<typename Traits::model>();
        of.default_item = &nothing_set;
        return of;
    }()};
    return made;
}

/// What an entry that is there is to one that is wanted.
template <class Traits>
entry_match compare_entries(typename Traits::model const& there,
                            typename Traits::new_item const& wanted) {
    return identity_of<Traits>().compare(&there, &wanted);
}

/// What traits inherit to tell `collection` what an entry is to a new item.
template <class Traits>
struct identified_entries {
    template <class Model, class Item>
    static entry_match compare(Model const& there, Item const& wanted) {
        return compare_entries<Traits>(there, wanted);
    }
    template <class Model, class Item>
    static error conflict(Model const& there, Item const& wanted) {
        return identity_of<Traits>().conflict(wire::codec_for<Model>(), &there, &wanted);
    }
    /// Whether a create of the item may be answered with the entry.
    template <class Model, class Item>
    static bool may_be_created(Model const& there, Item const& wanted) {
        // Mostly they are the same byte for byte, which costs little to see.
        if constexpr (requires { pattern_of(wanted); }) {
            if (key_of_existing(there) == key_of(wanted)) return true;
        }
        return identity_of<Traits>().may_have_key_of(&there, &wanted);
    }
    template <class Item>
    static std::string key_of_item(Item const& item) {
        return identity_of<Traits>().key_of_item(&item);
    }
    template <class Model>
    static std::string key_of_existing_entry(Model const& there) {
        return identity_of<Traits>().key_of_existing(&there);
    }
};

/// The ways in which the API may have stored what the item is about.
template <class Traits>
std::vector<std::string> spellings_of(typename Traits::new_item const& item) {
    return identity_of<Traits>().spellings_of(&item);
}

/// Of entries that are doubles the one whose identifier comes first stays: whoever looks must come
/// to the same. Integers come in the order of their values, and before texts; UUIDs whatever the
/// case of their digits.
CLOUDFLARE_EXPORT bool comes_before(identifier const& a, identifier const& b) noexcept;

}  // namespace cloudflare::inline v0::email_security
