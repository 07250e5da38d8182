#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/sync/batches.hpp>
#include <cloudflare/detail/sync/fingerprint.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What a feed wants against what a collection has.
namespace cloudflare::email_security {

/// A collection that can be brought to the state of a feed: block senders, allow policies, trusted
/// domains, URL ignore patterns, domains, content policies. Its entries are told apart by `pattern`,
/// `pattern_type` and `is_regex`, as far as it has them, by `domain`, or by `name`; its other fields
/// are compared where the feed gives them.
///
/// Not sending domain restrictions, of which a batch can only delete.
template <class Traits>
concept syncable = has_batch<Traits> && !has_batch_of_deletes<Traits> &&
                   requires(typename Traits::new_item const& item) {
    pattern_of(item);
};

/// Whether its entries have comments, in which an owner can be marked.
template <class Traits>
inline constexpr bool has_owners = requires(typename Traits::new_item const& item) {
    item.comments();
};

/// An entry that is there and differs from the feed.
struct planned_update {
    std::uint32_t entry = 0;   ///< in `sync_plan::desired.entries`
    identifier id;             ///< of the entry that is there
    std::uint32_t fields = 0;  ///< which fields differ, one bit each as in `feed_entry::given`
    std::string comments;      ///< that it has now
    std::uint64_t seen = 0;    ///< its `fingerprint_of`
};

template <class Traits>
planned_update make_update(std::uint32_t entry, typename Traits::model const& there,
                           std::uint32_t differing) {
    planned_update made;
    made.entry = entry;
    made.id = there.id;
    made.fields = differing;
    made.comments = comments_of(there);
    made.seen = fingerprint_of<Traits>(there);
    return made;
}

/// An entry that is there, is the owner's and is not in the feed; or one that another one with the
/// same natural key makes superfluous.
struct planned_removal {
    identifier id;
    std::string pattern;
    std::uint64_t seen = 0;  ///< its `fingerprint_of`
    identifier kept;         ///< the other one; empty when it is to be pruned
};

/// Finds the entry of a feed that describes one of the collection.
template <class Traits>
class feed_lookup {
public:
    using model = typename Traits::model;
    using item = typename Traits::new_item;
    using entries = std::vector<feed_entry<item>>;

    /// The entries must outlive it. Only those in `subset` are found.
    feed_lookup(entries const& all, std::vector<std::uint32_t> const& subset)
        : keys_{all}, index_{keys_} {
        index_.reserve(subset.size());
        for (auto const number : subset) index_.insert(number);
    }

    std::optional<std::uint32_t> find(model const& there) const {
        if (!pattern_of_existing(there)) return std::nullopt;
        auto key = key_of_existing(there);
        if (auto const number = index_.find(key)) return number;
        // It may be there in another form, in upper case for one.
        auto const canonical = canonical_pattern(there);
        if (canonical == key.pattern) return std::nullopt;
        key.pattern = canonical;
        return index_.find(key);
    }

private:
    entry_keys<item> keys_;
    pattern_index index_;
};

/// Compares what a feed wants with what a collection has, of which it keeps the differences only.
template <class Traits>
class diff : public list_visitor<typename Traits::model> {
public:
    using model = typename Traits::model;
    using item = typename Traits::new_item;
    using entries = std::vector<feed_entry<item>>;

    /// The entries must outlive it. Only those in `subset` are compared.
    diff(entries const& all, std::vector<std::uint32_t> subset)
        : all_{all}, subset_{std::move(subset)}, lookup_{all, subset_}, states_(all.size()) {}

    // What came of it, once the list was read.
    std::vector<planned_update> const& updates() const noexcept { return updates_; }
    /// The entries of the subset that are not there.
    std::vector<std::uint32_t> creates() const { return in_state(state::absent); }
    /// Those that are there as wanted.
    std::vector<std::uint32_t> unchanged() const { return in_state(state::as_wanted); }

    void restart() override {
        std::ranges::fill(states_, state::absent);
        updates_.clear();
    }
    void take(std::size_t, std::vector<model> there) override {
        for (auto& each : there) {
            auto const number = lookup_.find(each);
            auto const differing = number ? compare(*number, each) : 0;
            visit(std::move(each), number, differing);
        }
    }
    /// To be called when the list was read.
    void finish() {
        // Another one of the same key was as wanted.
        std::erase_if(updates_, [this](planned_update const& each) {
            return states_[each.entry] == state::as_wanted;
        });
    }

protected:
    ~diff() = default;

    /// Any entry that is there; which one of the feed it is, and which of its fields differ.
    virtual void visit(model there, std::optional<std::uint32_t> number,
                       std::uint32_t differing) = 0;
    std::vector<planned_update>& open_updates() noexcept { return updates_; }

private:
    enum class state : std::uint8_t { absent, differs, as_wanted };

    std::vector<std::uint32_t> in_state(state wanted) const {
        std::vector<std::uint32_t> numbers;
        for (auto const number : subset_) {
            if (states_[number] == wanted) numbers.push_back(number);
        }
        return numbers;
    }

    std::uint32_t compare(std::uint32_t number, model const& there) {
        auto const& entry = all_[number];
        auto const differing = differing_fields(wire::fields_of<item>(), &entry.item, entry.given,
                                                wire::fields_of<model>(), &there);
        if (differing == 0) {
            states_[number] = state::as_wanted;
        } else if (states_[number] == state::absent) {
            // Of several that are the same, one is enough.
            states_[number] = state::differs;
            updates_.push_back(make_update<Traits>(number, there, differing));
        }
        return differing;
    }

    entries const& all_;
    std::vector<std::uint32_t> subset_;
    feed_lookup<Traits> lookup_;
    std::vector<state> states_;
    std::vector<planned_update> updates_;
};

/// The item that goes to the API: marked as the owner's, and as no other's. Marks in the feed do
/// not count, or entries would be pruned by, or kept from, an owner that did not create them.
template <class Item>
Item owned_item(Item item, std::string const& owner) {
    if constexpr (requires { item.comments(); }) {
        if (item.comments()) item.comments(text_of(*item.comments()));
        if (!owner.empty()) item.comments(with_owner(item.comments().value_or(""), owner));
    }
    return item;
}

/// Whether an entry is what a sync makes of an item of the feed, to the comments' last character.
template <class Traits>
bool is_as_created(typename Traits::model const& there, typename Traits::new_item const& wanted,
                   std::uint32_t given, std::string const& owner) {
    auto const created = owned_item(wanted, owner);
    if constexpr (requires { created.comments(); }) {
        if (comments_of(there) != created.comments().value_or("")) return false;
    }
    return differing_fields(wire::fields_of<typename Traits::new_item>(), &created, given,
                            wire::fields_of<typename Traits::model>(), &there) == 0;
}

/// The changes that make an entry equal to the feed. The owners in its comments stay.
template <class Traits>
typename Traits::patch make_patch(planned_update const& update,
                                  typename Traits::new_item const& wanted) {
    typename Traits::patch patch;
    auto item = wanted;
    if constexpr (requires { item.comments(); }) {
        if (item.comments()) item.comments(with_text(update.comments, *item.comments()));
    }
    copy_some_fields(update.fields, wire::fields_of<typename Traits::new_item>(), &item,
                     wire::fields_of<typename Traits::patch>(), &patch);
    return patch;
}

}  // namespace cloudflare::email_security
