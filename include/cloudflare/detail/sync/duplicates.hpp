#pragma once

#include <cloudflare/detail/sync/comparison.hpp>
#include <cloudflare/detail/sync/options.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

/// Entries that a list has more than once.
namespace cloudflare::email_security {

/// Finds those entries of a list that are the same one of the feed, and tells which of them a sync
/// may delete: see `sync_options::keep_duplicates`.
///
/// Of most entries there is one, and only its identifier is kept.
template <class Traits>
class duplicate_search {
public:
    using model = typename Traits::model;
    using entries = std::vector<feed_entry<typename Traits::new_item>>;

    /// One of several.
    struct holder {
        planned_update change;  ///< what is to be changed of it; no fields when it is as wanted
        bool is_own = false;    ///< whether it may be deleted, if another such one stays
        identifier kept;        ///< the one that stays; empty for that one
    };

    /// The references must outlive it.
    duplicate_search(entries const& all, sync_options const& options)
        : all_{all}, options_{options}, first_(all.size()) {}

    void restart() {
        first_.assign(first_.size(), first_holder{});
        ids_.release();
        others_.clear();
    }

    /// To be called for each entry of the list that the feed has.
    void add(std::uint32_t number, model const& there, std::uint32_t differing) {
        auto& first = first_[number];
        if (there.id.empty()) return;
        bool const is_own = is_own_one(number, there, differing == 0);
        if (first.id.empty()) {
            first.id = keep(there.id.text());
            first.is_integer = there.id.is_integer();
            first.is_own = is_own;
            // What is not own stays, and what differs has an update that tells.
            if (is_own && differing == 0) first.seen = fingerprint_of<Traits>(there);
            return;
        }
        auto& other = others_[number].emplace_back();
        other.change = make_update<Traits>(number, there, differing);
        other.is_own = is_own;
    }

    /// All but the ones that stay. Of each that differs and came first, `updates` has the update;
    /// where another one stays, it gets that one's.
    std::vector<holder> finish(std::vector<planned_update>& updates) {
        std::vector<holder> found;
        if (others_.empty()) return found;
        for (auto& [number, several] : others_) several.insert(several.begin(), first_of(number));
        for (auto& update : updates) {
            auto const several = others_.find(update.entry);
            if (several == others_.end()) continue;
            auto& first = several->second.front();
            if (first.change.id == update.id) first.change = update;
            auto const& kept = *kept_of(several->second);
            if (kept.is_own && kept.change.fields != 0) update = kept.change;
        }
        for (auto& [number, several] : others_) {
            auto const kept = kept_of(several);
            for (auto each = several.begin(); each != several.end(); ++each) {
                if (each == kept) continue;
                each->kept = kept->change.id;
                found.push_back(std::move(*each));
            }
        }
        // In the order of the feed, not of the hashes.
        std::ranges::sort(found, {}, [](holder const& each) {
            return std::tie(each.change.entry, each.change.id);
        });
        return found;
    }

private:
    struct first_holder {
        std::string_view id;
        std::uint64_t seen = 0;
        bool is_integer = false;
        bool is_own = false;
    };

    bool is_own_one(std::uint32_t number, model const& there, bool is_as_wanted) const {
        if (options_.prune() && is_owned_by(comments_of(there), options_.owner())) return true;
        constexpr auto all_fields = std::numeric_limits<std::uint32_t>::max();
        return is_as_wanted &&
               is_as_created<Traits>(there, all_[number].item, all_fields, options_.owner());
    }

    std::string_view keep(std::string_view id) {
        auto* const room = static_cast<char*>(ids_.allocate(id.size(), 1));
        return {room, id.copy(room, id.size())};
    }

    holder first_of(std::uint32_t number) const {
        auto const& first = first_[number];
        holder made;
        made.change.entry = number;
        made.change.id = identifier{first.id};
        if (first.is_integer) made.change.id = identifier{std::stoll(made.change.id.text())};
        made.change.seen = first.seen;
        made.is_own = first.is_own;
        return made;
    }

    /// Of those that may go, the one that stays: one that needs no update, if there is such a one.
    /// Whoever else reads the list must come to the same, or two syncs at a time delete all.
    static auto kept_of(std::vector<holder>& several) -> typename std::vector<holder>::iterator {
        return std::ranges::min_element(several, {}, [](holder const& each) {
            return std::tuple{!each.is_own, each.change.fields != 0, each.change.id.text()};
        });
    }

    entries const& all_;
    sync_options const& options_;
    std::vector<first_holder> first_;
    std::pmr::monotonic_buffer_resource ids_;
    std::unordered_map<std::uint32_t, std::vector<holder>> others_;
};

}  // namespace cloudflare::email_security
