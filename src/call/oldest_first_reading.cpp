#include "call/oldest_first_reading.hpp"

#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/pager.hpp>

#include <algorithm>
#include <utility>

// Oldest first, entries that stay keep their order, what is created comes after whatever was
// there before, and so an entry's position only ever falls. An entry is *below* page X when it
// stood before X's first position at t(X).
//
// 1. Downwards (`read_list` in test/email_security/sync/shared_list.pml). Let V be the page
//    right before X, asked for when X had been answered. A lasting entry below X is on V, or
//    below V: at t(V) > t(X) it stood no higher than at t(X), so before V's end. A chain of such
//    pages down to position 0 therefore misses nothing, and what was deleted meanwhile only shows
//    some entries twice.
// 2. Shared entries. Let pages K and X share an entry e, whenever they were read. A lasting
//    entry below X comes before e in the order, so at t(K) it stood before e: on K, or below K.
// 3. Nothing moved. If an entry stood at the same position at two moments, nothing before it was
//    deleted between them, and whatever stood before it stood still: then pages read between
//    those moments are of one state, in whatever order they were read.
//
// The first page tells about how long the list is. Then the last page is read, and begins a few
// entries before the end of the one below, as the length of a page may be chosen. What lies
// between is divided among as many lanes as there may be requests at a time; each reads its
// pages downwards, by 1. The topmost of these pages is read when all others are there, and
// shares its end with the last page: if it stands where it stood, by 3 all is well, which costs
// nothing beside the pages. (Where the length of the list leaves no room for that, one entry is
// asked for once more.) Else only the joints of lanes are open, where the page below was read
// before the page above: from each, pages are read anew, downwards, until one shares an entry
// with what was read there first (2), or begins the list. That is one page for each lane, and
// one more for each thousand entries deleted. The second page begins with the last entry of the
// first one, which was read before all: by 2 that joint is closed, or else it is read again as
// well.
//
// Where nobody knows the length, or where the list is longer than it was said to be, it is read
// upwards, each page beginning before the end of the one below (2). Where they share nothing, as
// more was deleted than they overlapped, the list is read downwards from the upper one until
// they do.
//
// Ties. Entries of one batch were created at one moment, and a server may order them differently
// each time; the above trusts that it does not, until it is seen to:
// 4. The last page tells how many entries there are at t(last). If nothing moved (3) and fewer
//    different ones were read, some were missed.
// 5. Where V shares entries with X (1), these end V in the order in which they begin X, and a
//    lane sees them move, all in all, by no more than the last page has moved.
// When either fails, the order tells nothing, and `counted_reading` takes over. No other answer is
// possible: of entries that a server shuffles, which may be all, one that was deleted before it
// was read and one that was shuffled out of sight look the same.
namespace cloudflare::inline v0::detail {

namespace {

/// Pages below an empty one that are read as the last one.
constexpr int max_steps_down = 1;
/// As `max_repeats` downwards, where a page stands still when as many entries as it has are deleted
/// below.
constexpr int max_repeats_downwards = 8;
/// By how many entries the last page shares the one below, and goes beyond the end, if it can.
constexpr std::int64_t good_margin = 16;

}  // namespace

oldest_first_reading::oldest_first_reading(page_keys first, std::int64_t size, std::int64_t length,
                                           std::size_t concurrency, key_set const& seen)
    : size_{size}, concurrency_{concurrency}, seen_{seen}, grid_{size}, first_{std::move(first)} {
    if (length <= size_) {
        climb_from(first_);
        return;
    }
    // So that the second page shares an entry with the first, if that costs no page more.
    if (size_ > 1 && length / (size_ - 1) <= length / size_) grid_ = size_ - 1;
    pending_ = tail_of(length);
}

std::optional<list_page> oldest_first_reading::next() {
    if (phase_ != phase::lanes) return std::exchange(pending_, std::nullopt);
    for (std::size_t i = 0; i != lanes_.size(); ++i) {
        auto& each = lanes_[i];
        if (each.is_busy || each.has_ended) continue;
        each.is_busy = true;
        auto made = page_with(each.below - 1, grid_);
        made.purpose = i;
        return made;
    }
    return std::nullopt;
}

std::optional<error> oldest_first_reading::take(list_page const& asked, page_keys got,
                                                std::vector<bool> const& known) {
    switch (phase_) {
        case phase::tail:
            return take_tail(asked, std::move(got));
        case phase::climb:
            return take_step(asked, std::move(got));
        case phase::lanes:
            return take_lane(asked.purpose, std::move(got), known);
        case phase::closing:
            return take_closing(got);
        case phase::done:
            break;
    }
    return std::nullopt;
}

// The page that ends the list: it shares some entries with the page of the grid before it,
// and goes beyond the end. If there is no such page, the grid's.
list_page oldest_first_reading::tail_of(std::int64_t length) {
    auto const begin = length / grid_ * grid_;
    top_ = begin;
    auto best = page_with(begin, grid_);
    std::int64_t best_margin = 0;
    for (std::int64_t size = 2; size <= size_; ++size) {
        auto const first = (begin - 1) / size * size;
        auto const margin = std::min({begin - first, first + size - length, good_margin});
        if (first == 0 || margin <= best_margin) continue;
        best_margin = margin;
        best = page_with(first, size);
    }
    return best;
}

std::optional<error> oldest_first_reading::take_tail(list_page const& asked, page_keys got) {
    auto const count = got.count();
    tail_ = std::move(got);
    if (count == 0) {
        // Shorter than was said: the end is looked for below, but not for long.
        if (top_ > 2 * grid_ && ++steps_down_ <= max_steps_down) {
            top_ -= grid_;
            ask(top_, grid_);
            return std::nullopt;
        }
        climb_from(first_);
        return std::nullopt;
    }
    // After an empty page it is the last one.
    if (count == asked.size && steps_down_ == 0) {
        // Longer.
        climb_from(tail_);
        return std::nullopt;
    }
    if (count < asked.size) exact_ = tail_.end();
    read_lanes();
    return std::nullopt;
}

void oldest_first_reading::climb_from(page_keys const& base) {
    base_ = base.first;
    repeats_ = 0;
    frontier_ = base;
    phase_ = phase::climb;
    step_up();
}

// The page that goes farthest and begins before the end of the frontier.
void oldest_first_reading::step_up() {
    auto const end = frontier_.end();
    list_page best;
    std::int64_t farthest = end;
    for (auto size = size_; size > 0; --size) {
        auto const first = (end - 1) / size * size;
        if (first + size <= farthest) continue;
        farthest = first + size;
        best = page_with(first, size);
    }
    // Pages may be too short to share anything.
    pending_ = farthest > end ? best : page_with(end, size_);
}

std::optional<error> oldest_first_reading::take_step(list_page const& asked, page_keys got) {
    auto const count = got.count();
    bool const is_last = count < asked.size;
    bool const do_meet = do_share(frontier_.keys, got.keys);
    repeats_ = got.keys == frontier_.keys ? repeats_ + 1 : 0;
    if (repeats_ == max_repeats) {
        return error{errc::malformed_response, "the server repeats a page of the list"};
    }
    if (!is_one_piece(frontier_.keys, got.keys, true)) is_shuffled_ = true;
    if (is_last && count > 0) exact_ = got.end();
    has_climbed_to_end_ = is_last;
    auto const lower = frontier_.keys;
    auto const begin = got.first;
    if (count > 0) frontier_ = std::move(got);
    if (do_meet) {
        finish_step();
        return std::nullopt;
    }
    // Downwards, until they meet.
    lane down;
    down.from = down.below = begin;
    down.above = frontier_;
    if (count == 0) down.above = {};
    down.target = lower;
    lanes_.assign(1, std::move(down));
    after_lanes_ = next_thing::step;
    phase_ = phase::lanes;
    return std::nullopt;
}

void oldest_first_reading::finish_step() {
    phase_ = phase::climb;
    if (!has_climbed_to_end_) {
        step_up();
    } else if (base_ > 0) {
        read_lanes();
    } else if (is_lacking() || is_shuffled_) {
        finish_shuffled();
    } else {
        phase_ = phase::done;
    }
}

// What lies between the first page and the last.
void oldest_first_reading::read_lanes() {
    lanes_.clear();
    auto const floor = grid_;
    auto top = top_;
    has_closing_page_ = false;
    if (top <= floor) {
        note_first(tail_);
        if (!is_one_piece(first_.keys, tail_.keys, true) || is_lacking()) is_shuffled_ = true;
        link();
        return;
    }
    auto pages = (top - floor) / grid_;
    auto const most = static_cast<std::int64_t>(std::max<std::size_t>(concurrency_, 1));
    // The last one to be read, where several are read at a time.
    has_closing_page_ = most > 1 && pages > 2 && tail_.first < top;
    if (has_closing_page_) {
        top -= grid_;
        --pages;
    }
    // Of so few, one after the other, as nothing else shows whether they moved.
    auto const count = pages > 2 ? std::min(most, pages) : 1;
    for (std::int64_t i = 0; i != count; ++i) {
        lane made;
        made.floor = floor + pages * i / count * grid_;
        made.from = made.below = floor + pages * (i + 1) / count * grid_;
        made.has_joint = i + 1 != count || has_closing_page_;
        if (!made.has_joint) made.above = tail_;
        lanes_.push_back(std::move(made));
    }
    // From the top, as the first ones are begun first.
    std::ranges::reverse(lanes_);
    after_lanes_ = next_thing::settle;
    phase_ = phase::lanes;
}

std::optional<error> oldest_first_reading::take_lane(std::size_t number, page_keys got,
                                                     std::vector<bool> const& known) {
    auto& in = lanes_[number];
    in.is_busy = false;
    in.repeats = got.keys == in.above.keys && got.keys.size() > 1 ? in.repeats + 1 : 0;
    if (in.repeats == max_repeats_downwards) {
        return error{errc::malformed_response, "the server repeats a page of the list"};
    }
    bool const has_known = std::ranges::find(known, true) != known.end();
    if (has_known && in.target.empty()) note_shared(in, got, known);
    if (!in.target.empty() && !is_in_place(in, got)) is_shuffled_ = true;
    if (in.has_joint && in.below == in.from) in.top = got;
    in.below = got.first;
    if (in.target.empty()) {
        in.has_ended = in.below <= in.floor;
        if (in.below <= grid_) note_first(got);
    } else {
        in.has_ended = in.below == 0 || do_share(in.target, got.keys);
    }
    in.above = std::move(got);
    if (std::ranges::all_of(lanes_, &lane::has_ended)) end_lanes();
    return std::nullopt;
}

// What a page shares with the one above must end it, and begin the other, in the same order.
void oldest_first_reading::note_shared(lane& in, page_keys const& got,
                                       std::vector<bool> const& known) {
    key_places const above{in.above.keys};
    key_places const first{in.below <= 2 * grid_ ? first_.keys : key_list{}};
    std::optional<std::size_t> last;
    bool is_apart = false;
    std::int64_t moved = 0;
    for (std::size_t i = 0; i != got.keys.size(); ++i) {
        if (known[i] && first.find(got.keys[i])) continue;
        auto const at = known[i] ? above.find(got.keys[i]) : std::nullopt;
        if (!at) {
            // New, and after what was seen already: only at the end of the list.
            if (last && !known[i] && in.above.first < top_) is_apart = true;
            if (known[i]) ++in.shift;
            continue;
        }
        if (is_apart || (last && *at <= *last)) is_shuffled_ = true;
        last = at;
        moved = std::max(moved, in.above.first - got.first + static_cast<std::int64_t>(*at) -
                                    static_cast<std::int64_t>(i));
    }
    if (is_apart) is_shuffled_ = true;
    in.shift += moved;
}

// Whether a page that is read anew may be where it is: what it shares with the one above it,
// and with what was there first.
bool oldest_first_reading::is_in_place(lane const& in, page_keys const& got) {
    if (!are_in_order(in.target, got.keys)) return false;
    return is_one_piece(in.above.keys, got.keys, false);
}

// The second page shows whether the first one has changed since.
void oldest_first_reading::note_first(page_keys const& got) {
    key_places const there{first_.keys};
    for (std::size_t i = 0; i != got.keys.size(); ++i) {
        auto const at = there.find(got.keys[i]);
        if (!at) continue;
        is_first_closed_ = true;
        first_shift_ = static_cast<std::int64_t>(*at) - (got.first + static_cast<std::int64_t>(i));
    }
    if (first_shift_ < 0) is_shuffled_ = true;
}

void oldest_first_reading::end_lanes() {
    switch (after_lanes_) {
        case next_thing::step:
            finish_step();
            return;
        case next_thing::settle:
            settle();
            return;
        case next_thing::finish:
            end_link();
            return;
    }
}

// All pages are there; is what they show of one state?
void oldest_first_reading::settle() {
    joints_.clear();
    shift_ = 0;
    page_keys lowest;
    for (auto& each : lanes_) {
        shift_ = std::max(shift_, each.shift);
        auto above = std::exchange(lowest, std::move(each.above));
        if (!each.has_joint) continue;
        each.above = std::move(above);
        joints_.push_back(std::move(each));
    }
    lanes_.clear();
    phase_ = phase::closing;
    if (has_closing_page_ || is_lacking() || shift_ > 0) {
        ask(top_ - grid_, grid_);
    } else if (!joints_.empty()) {
        ask(std::max(tail_.first, top_ - 1), 1);
    } else {
        link();
    }
}

// How many entries fewer were read than there were, if nothing of the first page was deleted
// between.
std::int64_t oldest_first_reading::lacking_without_first() const {
    return exact_ ? *exact_ - static_cast<std::int64_t>(seen_.size()) : 0;
}

bool oldest_first_reading::is_lacking() const {
    return exact_ && lacking_without_first() + first_shift_ > 0;
}

std::optional<error> oldest_first_reading::take_closing(page_keys const& got) {
    // How far the last page has moved: by the last of its entries that is shown again.
    key_places const there{tail_.keys};
    std::optional<std::int64_t> moved;
    for (std::size_t i = 0; i != got.keys.size(); ++i) {
        auto const at = there.find(got.keys[i]);
        if (!at) continue;
        auto const now = tail_.first + static_cast<std::int64_t>(*at) -
                         (got.first + static_cast<std::int64_t>(i));
        if (now < 0) is_shuffled_ = true;
        moved = std::max(moved.value_or(0), now);
    }
    if (!are_in_order(tail_.keys, got.keys)) is_shuffled_ = true;
    moved_ = moved;
    if (std::exchange(has_linked_, true)) {
        if (has_lost_some()) is_shuffled_ = true;
        finish();
        return std::nullopt;
    }
    is_closed_ = moved == 0 && !got.keys.empty() && there.find(got.keys.back());
    if (is_closed_ && is_lacking()) is_shuffled_ = true;
    if (moved && shift_ > *moved) is_shuffled_ = true;
    // What lies above the topmost joint.
    if (has_closing_page_ && !joints_.empty()) joints_.front().above = got;
    link();
    return std::nullopt;
}

// Whether fewer entries were read than there were and have not been deleted.
bool oldest_first_reading::has_lost_some() const {
    return moved_ && lacking_without_first() > *moved_;
}

// Reads anew where lanes meet, unless nothing moved.
void oldest_first_reading::link() {
    lanes_.clear();
    if (!is_closed_) {
        for (auto& each : joints_) {
            lane again;
            again.from = again.below = each.from;
            again.target = std::move(each.top.keys);
            again.above = std::move(each.above);
            if (again.target.empty()) again.target.push_back(0);
            lanes_.push_back(std::move(again));
        }
    }
    joints_.clear();
    if (!is_first_closed_) {
        lane again;
        again.from = again.below = grid_;
        again.target = first_.keys;
        lanes_.push_back(std::move(again));
    }
    after_lanes_ = next_thing::finish;
    phase_ = phase::lanes;
    if (lanes_.empty() || is_shuffled_) end_link();
}

void oldest_first_reading::end_link() {
    lanes_.clear();
    if (is_shuffled_ || !has_lost_some()) {
        finish();
        return;
    }
    // More may have been deleted since; how far has the last page moved now?
    phase_ = phase::closing;
    ask(top_ - grid_, grid_);
}

void oldest_first_reading::finish() {
    phase_ = phase::done;
}

void oldest_first_reading::finish_shuffled() {
    is_shuffled_ = true;
    finish();
}

}  // namespace cloudflare::inline v0::detail
