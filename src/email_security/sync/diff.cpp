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
      how_{how},
      lookup_{of, all, subset_},
      states_(all.size()) {}

void diff::restart() {
    std::ranges::fill(states_, state::absent);
    updates_.clear();
}

void diff::take(std::size_t, cloudflare::detail::object_list there) {
    for (std::size_t i = 0; i != there.size(); ++i) {
        auto const each = of_.look_at(there[i]);
        auto const number = lookup_.find(each);
        auto const differing = number ? compare(*number, each) : 0;
        visit(each, number, differing);
    }
}

void diff::finish() {
    // Another one of the same key was as wanted.
    std::erase_if(updates_, [this](planned_update const& each) {
        return states_[each.entry] == state::as_wanted;
    });
}

std::vector<std::uint32_t> diff::in_state(state wanted) const {
    std::vector<std::uint32_t> numbers;
    for (auto const number : subset_) {
        if (states_[number] == wanted) numbers.push_back(number);
    }
    return numbers;
}

std::uint32_t diff::compare(std::uint32_t number, listed_entry const& there) {
    auto const differing =
        differing_fields(of_, all_.item(number), all_.given(number), there.model, how_.marks);
    if (differing == 0) {
        states_[number] = state::as_wanted;
    } else if (states_[number] == state::absent) {
        // Of several that are the same, one is enough.
        states_[number] = state::differs;
        auto& update = updates_.emplace_back(make_update(number, there, differing));
        update.seen = fingerprint_of(of_, there.model);
        if (how_.keeps_entries) update.before = json_of_existing(of_, there.model);
    }
    return differing;
}

}  // namespace cloudflare::inline v0::email_security
