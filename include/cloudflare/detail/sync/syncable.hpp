#pragma once

#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/identifier.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a sync, which is compiled once for all collections, needs to know of one and of its feed.
namespace cloudflare::inline v0::email_security {

/// A collection that can be brought to the state of a feed: block senders, allow policies, trusted
/// domains, URL ignore patterns, domains, content policies. Its entries are identified by
/// `pattern`, `pattern_type` and `is_regex`, as far as it has them, by `domain`, or by `name`; its
/// other fields are compared where the feed gives them.
///
/// Not sending domain restrictions, of which a batch can only delete.
template <class Traits>
concept syncable = has_batch<Traits> && !has_batch_of_deletes<Traits> &&
                   requires(typename Traits::new_item const& item) {
    pattern_of(item);
};

/// Whether its entries have a field for what people say of them, in which an owner can be marked:
/// comments, which some collections call notes.
template <class Item>
inline constexpr bool has_comments = requires(Item const& item) {
    item.comments();
};
template <class Item>
inline constexpr bool has_notes = requires(Item const& item) {
    item.notes();
};
template <class Traits>
inline constexpr bool has_owners =
    has_comments<typename Traits::new_item> || has_notes<typename Traits::new_item>;

/// What an entry of a list is about; views into it.
struct listed_entry {
    void const* model = nullptr;
    identifier const* id = nullptr;
    bool has_pattern = false;
    pattern_key key;
    std::string_view comments;
};

/// What there is to know of a collection that can be synced.
struct sync_type {
    cloudflare::detail::collection_type const* collection;
    entry_identity const* identity;
    /// Whether its patterns have types.
    bool has_types;
    listed_entry (*look_at)(void const* model);
    pattern_key (*key)(void const* item);
    /// The comments, or notes, of a new item; null where it can have none.
    std::optional<std::string> const& (*comments)(void const* item);
    void (*set_comments)(void* item, std::string value);
};

template <class Model>
listed_entry look_at_entry(void const* at) {
    auto const& there = *static_cast<Model const*>(at);
    listed_entry seen;
    seen.model = at;
    seen.id = &there.id;
    seen.has_pattern = pattern_of_existing(there).has_value();
    seen.key = key_of_existing(there);
    if constexpr (requires { there.comments; }) {
        if (there.comments) seen.comments = *there.comments;
    } else if constexpr (requires { there.notes; }) {
        if (there.notes) seen.comments = *there.notes;
    }
    return seen;
}

template <syncable Traits>
sync_type const& sync_type_of() noexcept {
    using item = typename Traits::new_item;
    using model = typename Traits::model;
    static sync_type const type = [] {
        sync_type made{};
        made.collection = &cloudflare::detail::collection_type_of<Traits>();
        made.identity = &identity_of<Traits>();
        made.has_types = requires(model const& there) {
            there.pattern_type;
        };
        made.look_at = &look_at_entry<model>;
        made.key = [](void const* at) { return key_of(*static_cast<item const*>(at)); };
        if constexpr (has_owners<Traits>) {
            made.comments = [](void const* at) -> std::optional<std::string> const& {
                auto const& what = *static_cast<item const*>(at);
                if constexpr (has_comments<item>) {
                    return what.comments();
                } else {
                    return what.notes();
                }
            };
            made.set_comments = [](void* at, std::string value) {
                auto& what = *static_cast<item*>(at);
                if constexpr (has_comments<item>) {
                    what.comments(std::move(value));
                } else {
                    what.notes(std::move(value));
                }
            };
        }
        return made;
    }();
    return type;
}

/// A collection that is to be synced. Copies are cheap.
struct sync_target {
    cloudflare::detail::any_collection where;
    sync_type const* type;
};

template <class Traits>
sync_target sync_target_of(collection<Traits> const& where) {
    static_assert(has_batch<Traits>, "without a batch, entries are created one by one");
    static_assert(!has_batch_of_deletes<Traits>, "a batch of this collection can only delete");
    static_assert(syncable<Traits>, "nothing tells what an entry of this collection is about");
    return {where.erased(), &sync_type_of<Traits>()};
}

/// The entries of a feed, whatever its items are.
class feed_view : public key_source {
public:
    feed_view() = default;
    virtual ~feed_view() = default;
    feed_view(feed_view const&) = delete;
    feed_view& operator=(feed_view const&) = delete;

    virtual std::size_t size() const = 0;
    virtual void const* item(std::uint32_t number) const = 0;
    virtual std::uint32_t given(std::uint32_t number) const = 0;
    virtual std::int64_t line(std::uint32_t number) const = 0;
    /// As `feed_entry::last_day`.
    virtual std::int32_t last_day(std::uint32_t number) const = 0;
    virtual feed_facts const& facts() const = 0;

    std::string pattern(std::uint32_t number) const { return std::string{key(number).pattern}; }
};

template <class Traits>
class typed_feed_view final : public feed_view {
public:
    /// The feed must outlive it.
    explicit typed_feed_view(feed<Traits> const& of) : of_{&of} {}
    /// A view of a feed of its own.
    explicit typed_feed_view(feed<Traits>&& own) : own_{std::move(own)}, of_{&own_} {}

    std::size_t size() const override { return of_->entries.size(); }
    void const* item(std::uint32_t number) const override { return &of_->entries[number].item; }
    std::uint32_t given(std::uint32_t number) const override { return of_->entries[number].given; }
    std::int64_t line(std::uint32_t number) const override { return of_->entries[number].line; }
    std::int32_t last_day(std::uint32_t number) const override {
        return of_->entries[number].last_day;
    }
    feed_facts const& facts() const override { return *of_; }
    pattern_key key(std::uint32_t number) const override {
        return key_of(of_->entries[number].item);
    }

private:
    feed<Traits> own_;
    feed<Traits> const* of_;
};

template <class Traits>
std::unique_ptr<feed_view> keep_feed(feed<Traits>&& own) {
    return std::make_unique<typed_feed_view<Traits>>(std::move(own));
}

}  // namespace cloudflare::inline v0::email_security
