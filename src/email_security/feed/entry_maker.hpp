#pragma once

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cloudflare::email_security {

/// The fields of an item that matter to what it is, by their names and types.
class key_fields {
public:
    explicit key_fields(std::span<wire::field const> fields);

    bool has_pattern() const { return pattern_index() < fields_.size(); }
    bool has_type() const { return type_ < fields_.size(); }
    bool has_flag() const { return is_regex_ < fields_.size(); }
    std::string& pattern(void* item) const { return at<std::string>(pattern_index(), item); }
    pattern_type& type(void* item) const { return at<pattern_type>(type_, item); }
    /// Whether the pattern is a regular expression. Where the API has neither a flag nor a type,
    /// every one is, but a domain is none.
    bool is_regex(void* item) const {
        return has_flag() ? at<bool>(is_regex_, item) : !has_type() && !is_domain();
    }
    pattern_key key(void* item) const;

    /// The field that tells what an item is about: `name` beside a pattern, `pattern`, or `domain`.
    std::size_t pattern_index() const {
        if (is_domain()) return domain_;
        return name_ < fields_.size() ? name_ : pattern_;
    }
    std::string_view pattern_name() const { return fields_[pattern_index()].name; }
    std::uint32_t bits() const { return pattern_bit() | bit(type_) | bit(is_regex_); }
    std::uint32_t pattern_bit() const { return bit(pattern_index()); }
    std::uint32_t type_bit() const { return bit(type_); }
    /// A field by its name; `fields.size()` when there is none.
    std::size_t find(std::string_view name) const;

    static std::uint32_t bit(std::size_t index) { return index < 32 ? 1U << index : 0U; }

private:
    bool is_domain() const { return pattern_ >= fields_.size(); }
    std::size_t index_of(wire::codec const& how, std::string_view name) const;
    template <class T>
    T& at(std::size_t index, void* item) const {
        return *static_cast<T*>(fields_[index].address(item));
    }

    std::span<wire::field const> fields_;
    std::size_t name_;
    std::size_t pattern_;
    std::size_t domain_;
    std::size_t type_;
    std::size_t is_regex_;
};

/// The keys of the entries that a receiver holds.
class received_keys final : public key_source {
public:
    received_keys(feed_receiver& from, key_fields const& fields) : from_{from}, fields_{fields} {}
    pattern_key key(std::uint32_t number) const override { return fields_.key(from_.item(number)); }

private:
    feed_receiver& from_;
    key_fields const& fields_;
};

/// Makes entries of records: sets fields, recognises the pattern, merges what comes twice.
class entry_maker {
public:
    entry_maker(feed_receiver& into, std::size_t max_entries);

    key_fields const& fields() const { return fields_; }
    /// Whether anything came that is or should be an entry.
    bool saw_a_record() const { return records_ > 0; }
    /// Whether more came than may.
    bool is_full() const { return records_ > max_entries_; }

    void begin(std::int64_t line);
    /// Sets a field by `store`, which says whether the value is of its type. A field that the
    /// collection does not have is skipped.
    template <class Store>
    void set(std::size_t index, Store store) {
        if (index >= into_.fields().size()) return;
        auto const& field = into_.fields()[index];
        if (!store(*field.how, field.address(item_))) {
            if (fault_.empty()) fault_ = std::string{field.name} + " does not have a valid value";
            return;
        }
        own_ |= key_fields::bit(index);
    }
    void set_text(std::size_t index, std::string_view text);
    /// Sets all fields that are present in an item of the same type.
    void set_all(void const* item);
    void end();

    /// Something that cannot even be begun.
    void reject(std::int64_t line, std::string_view pattern, std::string reason);

private:
    void recognise(bool has_type);
    void merge_into(std::uint32_t first, std::uint32_t given);

    feed_receiver& into_;
    key_fields fields_;
    received_keys keys_;
    pattern_index seen_;
    std::size_t max_entries_;
    std::size_t records_ = 0;
    std::uint32_t count_ = 0;
    std::int64_t line_ = 0;
    void* item_ = nullptr;
    std::uint32_t own_ = 0;  // the fields that this record gives
    std::string fault_;
};

}  // namespace cloudflare::email_security
