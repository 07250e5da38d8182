#pragma once

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// The fields of an item that matter to what it is, by their names and types.
class key_fields {
public:
    explicit key_fields(std::span<wire::field const> fields);

    bool has_pattern() const { return pattern_index() < fields_.size(); }
    bool has_type() const { return type_ < fields_.size(); }
    bool has_flag() const { return is_regex_ < fields_.size(); }
    std::string& pattern(void* item) const { return at<std::string>(pattern_index(), item); }
    pattern_type& type(void* item) const { return at<pattern_type>(type_, item); }
    /// Whether every pattern is a regular expression: where the API has neither a flag nor a type,
    /// unless it is a domain.
    bool has_only_regex() const { return !has_flag() && !has_type() && !is_domain(); }
    /// Whether the pattern of an item is a regular expression.
    bool is_regex(void* item) const {
        return has_flag() ? at<bool>(is_regex_, item) : has_only_regex();
    }
    pattern_key key(void* item) const;

    /// The field that says what an item is about: `name` beside a pattern, `pattern`, or `domain`.
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

    /// The field for comments, by whatever name; `fields.size()` when there is none.
    std::size_t find_comments() const;

    /// What `find` says of `expiry_name`, which is none of the fields.
    std::size_t expiry() const { return fields_.size() + 1; }

    std::size_t size() const { return fields_.size(); }
    std::string_view name(std::size_t index) const {
        return index == expiry() ? expiry_name : fields_[index].name;
    }
    bool is_type(std::size_t index) const { return index == type_ && has_type(); }
    bool is_boolean(std::size_t index) const {
        return index < size() && fields_[index].how == &wire::codec_for<bool>();
    }

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

/// Valid UTF-8 on one line, of a length that can be shown, whatever the feed holds.
std::string presentable(std::string_view text);

/// Where a record stands, and what of it is spared from pruning if it is rejected.
struct record_place {
    std::int64_t line = 0;
    std::string_view raw;
};

/// Makes entries of records: sets fields, recognises the pattern, merges what comes twice, and
/// counts. Each record ends as an entry, a repetition, an exception, a note or a rejection.
class entry_maker {
public:
    entry_maker(feed_receiver& into, feed_reading const& how);

    key_fields const& fields() const { return fields_; }
    feed_reading const& reading() const { return how_; }
    feed_facts& facts() { return into_.facts(); }
    /// Whether anything came that is or should be an entry.
    bool saw_a_record() const { return records_ > 0; }
    std::size_t entries() const { return count_; }
    /// Whether more came than may.
    bool is_full() const { return records_ > how_.max_entries; }

    void begin(record_place where);
    /// Sets a field by `store`, which says whether the value is of its type. A field that the
    /// collection does not have is skipped.
    template <class Store>
    void set(std::size_t index, Store store) {
        if (index >= into_.fields().size()) return;
        auto const& field = into_.fields()[index];
        if (!store(*field.how, field.address(item_))) {
            fail(describe_misfit(index));
            return;
        }
        own_ |= key_fields::bit(index);
    }
    void set_text(std::size_t index, std::string_view text);
    /// What the form says that the pattern is.
    void set_type(pattern_type type);
    /// Sets all fields that are present in an item of the same type.
    void set_all(void const* item);
    /// What the form says beside the pattern, if it is wanted.
    void set_note(std::string_view note);
    /// Says until when it is wanted; an empty text says nothing.
    void set_expiry(std::string_view text);
    /// Rejects the record when it ends; the first reason counts.
    void fail(std::string reason);
    /// Whether the record was taken: as an entry or a repetition.
    bool end();

    /// A whole record, and whether it was taken.
    bool add(record_place where, std::string_view pattern, std::string_view note = {},
             std::optional<pattern_type> type = {}, std::string_view expiry = {});
    /// A record that says what is not to be blocked.
    void except(record_place where, std::string_view pattern);
    /// A comment, a header, or what is not about now.
    void note() { ++into_.facts().notes; }
    /// A note that is a record of its own; `kind` is told by its count, in the plural.
    void skip(std::string_view kind);
    /// The same of one that is not read, though what it names might be meant: that is spared.
    void skip(std::string_view kind, std::string_view raw);
    /// Something that cannot even be begun; shown is `pattern`.
    void reject(record_place where, std::string_view pattern, std::string reason);
    void reject(record_place where, std::string reason) {
        reject(where, where.raw, std::move(reason));
    }
    /// Says why nothing may be deleted by this feed. The first reason stays.
    void hold_deletions(std::string why);
    /// After the last record.
    void finish() { facts().records = static_cast<std::int64_t>(records_); }
    /// Whether there is an entry for a domain.
    bool has_domain(std::string_view name) const;

private:
    void recognise(bool has_type);
    std::optional<std::uint32_t> keep(std::uint32_t given);
    void keep_rest(std::uint32_t first, std::uint32_t given);
    void merge_into(std::uint32_t first, std::uint32_t given);
    std::string mark_fault() const;
    /// That a field has a value that it cannot have, and what it can.
    std::string describe_misfit(std::size_t index, std::string_view given = {}) const;
    void spare_names_in(std::string_view text);

    feed_receiver& into_;
    feed_reading const& how_;
    key_fields fields_;
    received_keys keys_;
    pattern_index seen_;
    std::size_t comments_;  // the field
    std::size_t records_ = 0;
    std::uint32_t count_ = 0;
    record_place where_;
    void* item_ = nullptr;
    std::uint32_t own_ = 0;  // the fields that this record gives
    std::int32_t last_day_ = no_last_day;
    std::string fault_;
    std::vector<recognised_pattern> rest_;  // of a range, its other blocks
};

}  // namespace cloudflare::inline v0::email_security
