#include "email_security/sync/diff.hpp"

#include <algorithm>

namespace cloudflare::inline v0::email_security {

feed_lookup::feed_lookup(sync_type const& of, feed_view const& all,
                         std::vector<std::uint32_t> const& subset)
    : of_{of}, index_{all} {
    index_.reserve(subset.size());
    for (auto const number : subset) index_.insert(number);
}

std::optional<std::uint32_t> feed_lookup::find(listed_entry const& there) const {
    if (!there.has_pattern) return std::nullopt;
    if (auto const number = index_.find(there.key)) return number;
    // It may be there in another form, in upper case for one.
    auto const canonical = canonical_pattern(there.key, of_.has_types);
    if (canonical == there.key.pattern) return std::nullopt;
    auto key = there.key;
    key.pattern = canonical;
    return index_.find(key);
}

diff::diff(sync_type const& of, feed_view const& all, std::vector<std::uint32_t> subset,
           diff_options how)
    : of_{of},
      all_{all},
      subset_{std::move(subset)},
      keeps_entries_{how.keeps_entries},
      clock_{how.options.call().counters()},
      rules_{of, settings_of(how.options, how.is_exact)},
      lookup_{of, all, subset_},
      states_(all.size(), absent) {}

void diff::restart() {
    std::ranges::fill(states_, absent);
    differing_.clear();
    updates_.clear();
    left_alone_.clear();
}

void diff::take(std::size_t, cloudflare::detail::object_list there) {
    // Each page was answered before it comes here.
    rules_.set_today(today_of(clock_));
    for (std::size_t i = 0; i != there.size(); ++i) {
        auto const each = of_.look_at(there[i]);
        found_entry found;
        found.marks = rules_.look_at(each);
        found.number = lookup_.find(each);
        if (found.number && rules_.is_over(last_day_of(all_, *found.number))) {
            found.number.reset();
            found.has_ended = true;
        }
        if (found.number) {
            auto const number = *found.number;
            found.made = rules_.on_wanted(each, found.marks, all_.item(number), all_.given(number),
                                          last_day_of(all_, number));
            note(number, each, found.made);
        } else {
            found.made = rules_.on_unwanted(each, found.marks, found.has_ended);
        }
        visit(each, found);
    }
}

void diff::note(std::uint32_t number, listed_entry const& there, ruling const& made) {
    auto const rank = static_cast<std::uint8_t>(made.what);
    auto& state = states_[number];
    if (state == absent || state < rank) state = rank;
    if (made.what == verdict::fits) return;
    auto& added = differing_.emplace_back();
    added.what = made.what;
    added.change = make_update(number, there, made);
    if (made.what == verdict::leave) return;
    added.change.seen = fingerprint_of(of_, there.model);
    if (keeps_entries_) added.change.before = json_of_existing(of_, there.model);
}

bool diff::is_needless(differing_entry const& each) const {
    return states_[each.change.entry] != static_cast<std::uint8_t>(each.what);
}

void diff::finish() {
    // An empty list has no page to take.
    rules_.set_today(today_of(clock_));
    std::erase_if(differing_, [this](differing_entry const& each) { return is_needless(each); });
    // Of several, the one that every sync chooses, in whatever order they read them.
    std::ranges::sort(differing_, [](differing_entry const& a, differing_entry const& b) {
        if (a.change.entry != b.change.entry) return a.change.entry < b.change.entry;
        return comes_before(a.change.id, b.change.id);
    });
    auto const repeated = std::ranges::unique(
        differing_, {}, [](differing_entry const& each) { return each.change.entry; });
    differing_.erase(repeated.begin(), repeated.end());
    for (auto& each : differing_) {
        auto& into = each.what == verdict::leave ? left_alone_ : updates_;
        into.push_back(std::move(each.change));
    }
    differing_.clear();
    differing_.shrink_to_fit();
}

std::vector<std::uint32_t> diff::in_state(verdict wanted) const {
    std::vector<std::uint32_t> numbers;
    for (auto const number : subset_) {
        if (states_[number] == static_cast<std::uint8_t>(wanted)) numbers.push_back(number);
    }
    return numbers;
}

std::vector<std::uint32_t> diff::creates() const {
    std::vector<std::uint32_t> numbers;
    for (auto const number : subset_) {
        if (states_[number] != absent || rules_.is_over(last_day_of(all_, number))) continue;
        numbers.push_back(number);
    }
    return numbers;
}

std::vector<std::uint32_t> diff::expired() const {
    std::vector<std::uint32_t> numbers;
    for (auto const number : subset_) {
        if (rules_.is_over(last_day_of(all_, number))) numbers.push_back(number);
    }
    return numbers;
}

}  // namespace cloudflare::inline v0::email_security
