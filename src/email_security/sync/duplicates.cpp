#include "email_security/sync/duplicates.hpp"

#include "email_security/sync/owner_marks.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace cloudflare::inline v0::email_security {

void duplicate_search::restart() {
    first_.assign(first_.size(), first_holder{});
    ids_.clear();
    others_.clear();
}

void duplicate_search::add(std::uint32_t number, listed_entry const& there, mark_view const& marks,
                           ruling const& made) {
    auto& first = first_[number];
    if (there.id->empty()) return;
    bool const fits = made.what == verdict::fits;
    bool const is_own = is_own_one(number, there, marks, fits);
    if (!ids_.has(number)) {
        ids_.set(number, *there.id);
        first.is_own = is_own;
        // What is not own stays, and what differs has an update that tells.
        if (use_ == plan_use::kept && is_own && fits) {
            first.seen = fingerprint_of(of_, there.model);
        }
        return;
    }
    auto& other = others_[number].emplace_back();
    other.change = make_update(number, there, made);
    other.change.seen = fingerprint_of(of_, there.model);
    if (keeps_entries_) other.change.before = json_of_existing(of_, there.model);
    other.is_own = is_own;
}

std::vector<duplicate_search::holder> duplicate_search::finish(
    std::vector<differing_entry>& differing) {
    std::vector<holder> found;
    if (others_.empty()) return found;
    for (auto& [number, several] : others_) several.insert(several.begin(), first_of(number));
    for (auto const& each : differing) {
        auto const several = others_.find(each.change.entry);
        if (several == others_.end()) continue;
        auto& first = several->second.front();
        if (first.change.id == each.change.id) first.change = each.change;
    }
    for (auto& each : differing) {
        auto const several = others_.find(each.change.entry);
        if (several == others_.end() || each.what != verdict::edit) continue;
        auto const& kept = *kept_of(several->second);
        if (kept.is_own && kept.change.fields != 0) each.change = kept.change;
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
    std::ranges::sort(
        found, {}, [](holder const& each) { return std::tie(each.change.entry, each.change.id); });
    return found;
}

bool duplicate_search::is_own_one(std::uint32_t number, listed_entry const& there,
                                  mark_view const& marks, bool fits) const {
    if (options_.prune() && owner_rules::may_remove(marks)) return true;
    constexpr auto all_fields = std::numeric_limits<std::uint32_t>::max();
    return fits && is_as_created(of_, there, all_, number, all_fields, options_.owner());
}

duplicate_search::holder duplicate_search::first_of(std::uint32_t number) const {
    auto const& first = first_[number];
    holder made;
    made.change.entry = number;
    made.change.id = ids_.get(number);
    made.change.seen = first.seen;
    made.is_own = first.is_own;
    return made;
}

// Of those that may go, the one that stays: one that needs no update, if there is such a one.
// Whoever else reads the list must come to the same, or two syncs at a time delete all.
std::vector<duplicate_search::holder>::iterator duplicate_search::kept_of(
    std::vector<holder>& several) {
    return std::ranges::min_element(several, [](holder const& a, holder const& b) {
        auto const rank = [](holder const& each) {
            return std::tuple{!each.is_own, each.change.fields != 0};
        };
        if (rank(a) != rank(b)) return rank(a) < rank(b);
        return comes_before(a.change.id, b.change.id);
    });
}

}  // namespace cloudflare::inline v0::email_security
