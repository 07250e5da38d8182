#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/pager.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <string>
#include <utility>

// What holds of a list that others change while it is read, and why.
//
// Given: each answer shows the list as it was at one moment between its request and its arrival, or
// a constant time before; a server's view of it never goes back. Identifiers do not come back.
// Nothing is assumed of counts: they may lag, or lack. Wanted: every entry that was there from the
// first request to the last answer (a *lasting* one) was read. `t(X)` is the moment of page X.
//
// I. Oldest first. Entries that stay keep their order, what is created comes after whatever was
//    there before, and so an entry's position only ever falls. An entry is *below* page X when it
//    stood before X's first position at t(X).
//
//    1. Downwards (`read_list` in test/email_security/sync/shared_list.pml). Let V be the page
//       right before X, asked for when X had been answered. A lasting entry below X is on V, or
//       below V: at t(V) > t(X) it stood no higher than at t(X), so before V's end. A chain of such
//       pages down to position 0 therefore misses nothing, and what was deleted meanwhile only shows
//       some entries twice.
//    2. Shared entries. Let pages K and X share an entry e, whenever they were read. A lasting
//       entry below X comes before e in the order, so at t(K) it stood before e: on K, or below K.
//    3. Nothing moved. If an entry stood at the same position at two moments, nothing before it was
//       deleted between them, and whatever stood before it stood still: then pages read between
//       those moments are of one state, in whatever order they were read.
//
//    The first page tells about how long the list is. Then the last page is read, and begins a few
//    entries before the end of the one below, as the length of a page may be chosen. What lies
//    between is divided among as many lanes as there may be requests at a time; each reads its
//    pages downwards, by 1. The topmost of these pages is read when all others are there, and
//    shares its end with the last page: if it stands where it stood, by 3 all is well, which costs
//    nothing beside the pages. (Where the length of the list leaves no room for that, one entry is
//    asked for once more.) Else only the joints of lanes are open, where the page below was read
//    before the page above: from each, pages are read anew, downwards, until one shares an entry
//    with what was read there first (2), or begins the list. That is one page for each lane, and
//    one more for each thousand entries deleted. The second page begins with the last entry of the
//    first one, which was read before all: by 2 that joint is closed, or else it is read again as
//    well.
//
//    Where nobody knows the length, or where the list is longer than it was said to be, it is read
//    upwards, each page beginning before the end of the one below (2). Where they share nothing, as
//    more was deleted than they overlapped, the list is read downwards from the upper one until
//    they do.
//
//    Ties. Entries of one batch were created at one moment, and a server may order them differently
//    each time; the above trusts that it does not, until it is seen to:
//    4. The last page tells how many entries there are at t(last). If nothing moved (3) and fewer
//       different ones were read, some were missed.
//    5. Where V shares entries with X (1), these end V in the order in which they begin X, and a
//       lane sees them move, all in all, by no more than the last page has moved.
//    When either fails, the order tells nothing, and II holds. No other answer is possible: of
//    entries that a server shuffles, which may be all, one that was deleted before it was read and
//    one that was shuffled out of sight look the same.
//
// II. Any other order: others, or edits, may move entries anywhere. The list is read more than
//    once, each time with its last page first, which says how many entries there are at that
//    moment T: no more than a position that is empty, or exactly so many when the page is neither full nor
//    empty. An entry that was read before T and is read again after T, or at T, was there at T.
//    When as many are known to have been there as there were, these are all, and all that lasted
//    are among them. Oldest first (where I was not enough) it is read by what tells the entries
//    apart, so that nothing is shuffled. A list at rest is read twice; each change while it is read
//    may cost a reading, and it is given up when several readings in a row came no closer.
namespace cloudflare::inline v0::detail {

namespace {

/// Readings by II, in a row, that come no closer to the number of entries.
constexpr int max_fruitless_readings = 8;
/// How often a server may lower the length of its pages.
constexpr int max_plans = 8;
/// Pages below an empty one that are read as the last one.
constexpr int max_steps_down = 1;
/// Pages in a row that are all the same: then it is not the list that moved.
constexpr int max_repeats = 3;
/// As above downwards, where a page stands still when as many entries as it has are deleted below.
constexpr int max_repeats_downwards = 8;
/// By how many entries the last page shares the one below, and goes beyond the end, if it can.
constexpr std::int64_t good_margin = 16;
using key_list = std::vector<std::size_t>;

struct run {
    std::int64_t first = 0;
    key_list keys;
    std::int64_t end() const { return first + static_cast<std::int64_t>(keys.size()); }
};

/// Where in `in` a key is; empty if it is not there.
class places {
public:
    explicit places(key_list const& in) {
        all_.reserve(in.size());
        for (std::size_t i = 0; i != in.size(); ++i) all_.emplace_back(in[i], i);
        std::ranges::sort(all_);
    }
    std::optional<std::size_t> find(std::size_t key) const {
        auto const at = std::ranges::lower_bound(all_, std::pair{key, std::size_t{0}});
        if (at == all_.end() || at->first != key) return std::nullopt;
        return at->second;
    }

private:
    std::vector<std::pair<std::size_t, std::size_t>> all_;
};

bool do_share(key_list const& a, key_list const& b) {
    places const in_a{a};
    return std::ranges::any_of(b,
                               [&in_a](std::size_t each) { return in_a.find(each).has_value(); });
}

/// Whether what a page shares with one read before is in one piece, in the same order, and begins
/// the page if it is to.
bool is_one_piece(key_list const& before, key_list const& page, bool is_to_begin) {
    places const there{before};
    std::optional<std::size_t> last;
    bool is_over = false;
    for (auto const each : page) {
        auto const at = there.find(each);
        if (!at) {
            is_over = last || is_to_begin;
            continue;
        }
        if (is_over || (last && *at <= *last)) return false;
        last = at;
    }
    return true;
}

/// Whether what two pages share comes in the same order.
bool are_in_order(key_list const& a, key_list const& b) {
    places const there{a};
    std::optional<std::size_t> last;
    for (auto const each : b) {
        auto const at = there.find(each);
        if (!at) continue;
        if (last && *at <= *last) return false;
        last = at;
    }
    return true;
}

std::optional<list_page> page_at(std::int64_t first, std::int64_t size) {
    if (size < 1 || first % size != 0) return std::nullopt;
    list_page made;
    made.number = first / size + 1;
    made.size = size;
    return made;
}

/// The page of a size that has a position.
list_page page_with(std::int64_t position, std::int64_t size) {
    list_page made;
    made.number = position / size + 1;
    made.size = size;
    return made;
}

/// Pages one after the other, each right before the one above it.
struct lane {
    std::int64_t from = 0;   ///< where the page above its first one begins
    std::int64_t below = 0;  ///< where the page above the next one begins
    std::int64_t floor = 0;  ///< it ends with the page that begins here, or before
    bool is_busy = false;
    bool has_ended = false;
    int repeats = 0;
    std::int64_t shift = 0;  ///< by how much entries moved between two pages, of all pages
    run above;               ///< what was read last
    run top;                 ///< what was read first, where another lane's page lies above
    bool has_joint = false;  ///< whether there is such a page
    key_list target;         ///< it ends when it shares one of these, if there are any
};

}  // namespace

class moving_list::rule {
public:
    explicit rule(list_facts const& facts) : facts_{facts} { start(max_page_size); }

    bool is_done() const { return phase_ == phase::done; }
    key_list last() const {
        if (!facts_.is_oldest_first || order_ != 0) return {};
        return tail_.keys.empty() ? first_.keys : tail_.keys;
    }
    std::optional<std::int64_t> total_count() const { return total_; }

    std::optional<list_page> next() {
        std::optional<list_page> made;
        if (phase_ == phase::lanes) {
            for (std::size_t i = 0; i != lanes_.size() && !made; ++i) {
                auto& each = lanes_[i];
                if (each.is_busy || each.has_ended) continue;
                each.is_busy = true;
                made = page_with(each.below - 1, grid_);
                made->purpose = i;
            }
        } else if (phase_ == phase::rest) {
            if (next_rest_ <= last_rest_) {
                made = list_page{};
                made->number = next_rest_++;
                made->size = size_;
                made->order = order_;
            }
        } else {
            made = std::exchange(pending_, std::nullopt);
        }
        if (!made) return made;
        made->plan = plan_;
        ++in_flight_;
        return made;
    }

    std::optional<error> take(list_page const& asked, key_list keys, page_info const& info,
                              std::vector<bool>& known) {
        known.assign(keys.size(), false);
        auto const was_before = [this, &known](std::size_t i, std::size_t key) {
            known[i] = !seen_.insert(key).second;
            return bool{known[i]};
        };
        bool has_known = false;
        for (std::size_t i = 0; i != keys.size(); ++i) has_known |= was_before(i, keys[i]);
        if (asked.plan != plan_) return std::nullopt;
        --in_flight_;
        if (auto const lower = lowered_size(asked, keys, info)) {
            if (plan_ == max_plans) {
                return error{errc::malformed_response, "the pages get shorter and shorter"};
            }
            start(*lower);
            return std::nullopt;
        }
        if (asked.first() > max_list_pages * size_) {
            return error{errc::malformed_response, "the list does not end"};
        }
        run got{asked.first(), std::move(keys)};
        switch (phase_) {
            case phase::first:
                return take_first(std::move(got), info);
            case phase::tail:
                return take_tail(asked, std::move(got));
            case phase::climb:
                return take_step(asked, std::move(got));
            case phase::lanes:
                return take_lane(asked.purpose, std::move(got), known, has_known);
            case phase::closing:
                return take_closing(got);
            case phase::end:
                return take_end(got, known);
            case phase::rest:
                return take_rest(got, known);
            case phase::done:
                break;
        }
        return std::nullopt;
    }

private:
    enum class phase { first, tail, climb, lanes, closing, end, rest, done };

    void start(std::int64_t size) {
        ++plan_;
        in_flight_ = 0;
        size_ = size;
        first_ = tail_ = {};
        lanes_.clear();
        joints_.clear();
        steps_down_ = 0;
        moved_.reset();
        has_linked_ = false;
        is_closed_ = is_first_closed_ = is_shuffled_ = is_counting_ = false;
        exact_.reset();
        first_shift_ = 0;
        order_ = 0;
        phase_ = phase::first;
        ask(0, size_);
    }

    void ask(std::int64_t first, std::int64_t size) { pending_ = page_at(first, size); }

    /// The length of the server's pages, where it is less than was asked for.
    std::optional<std::int64_t> lowered_size(list_page const& asked, key_list const& keys,
                                             page_info const& info) const {
        auto const count = static_cast<std::int64_t>(keys.size());
        // Of the first page it is no surprise.
        if (phase_ == phase::first || !info.per_page || *info.per_page >= asked.size) {
            return std::nullopt;
        }
        auto const lower = std::max({*info.per_page, count, std::int64_t{1}});
        return lower < std::min(size_, asked.size) ? std::optional{lower} : std::nullopt;
    }

    // ---- I. Oldest first

    std::optional<error> take_first(run got, page_info const& info) {
        auto const count = static_cast<std::int64_t>(got.keys.size());
        if (!total_ && facts_.is_counted) total_ = info.total_count;
        auto const full = full_page_size(info, size_, count);
        size_ = std::min(size_, std::max({full, count, std::int64_t{1}}));
        if (total_ && (*total_ < 0 || *total_ > max_list_pages * size_)) {
            return error{errc::malformed_response,
                         "/result_info/total_count is " + std::to_string(*total_)};
        }
        first_ = std::move(got);
        if (count < size_) {
            phase_ = phase::done;
            return std::nullopt;
        }
        grid_ = size_;
        if (!facts_.is_oldest_first) {
            last_rest_ = total_.value_or(0) / size_;
            return read_rest(2);
        }
        auto const length = total_.value_or(0);
        if (length <= size_) {
            climb_from(first_);
            return std::nullopt;
        }
        // So that the second page shares an entry with the first, if that costs no page more.
        if (size_ > 1 && length / (size_ - 1) <= length / size_) grid_ = size_ - 1;
        phase_ = phase::tail;
        pending_ = tail_of(length);
        return std::nullopt;
    }

    /// The page that ends the list: it shares some entries with the page of the grid before it,
    /// and goes beyond the end. If there is no such page, the grid's.
    list_page tail_of(std::int64_t length) {
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

    std::optional<error> take_tail(list_page const& asked, run got) {
        auto const count = static_cast<std::int64_t>(got.keys.size());
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

    void climb_from(run const& base) {
        base_ = base.first;
        repeats_ = 0;
        frontier_ = base;
        phase_ = phase::climb;
        step_up();
    }

    /// The page that goes farthest and begins before the end of the frontier.
    void step_up() {
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

    std::optional<error> take_step(list_page const& asked, run got) {
        auto const count = static_cast<std::int64_t>(got.keys.size());
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

    void finish_step() {
        phase_ = phase::climb;
        if (!has_climbed_to_end_) {
            step_up();
        } else if (base_ > 0) {
            read_lanes();
        } else if (is_lacking() || is_shuffled_) {
            count_anew();
        } else {
            phase_ = phase::done;
        }
    }

    /// What lies between the first page and the last.
    void read_lanes() {
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
        auto const most = static_cast<std::int64_t>(std::max<std::size_t>(facts_.concurrency, 1));
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

    std::optional<error> take_lane(std::size_t number, run got, std::vector<bool> const& known,
                                   bool has_known) {
        auto& in = lanes_[number];
        in.is_busy = false;
        in.repeats = got.keys == in.above.keys && got.keys.size() > 1 ? in.repeats + 1 : 0;
        if (in.repeats == max_repeats_downwards) {
            return error{errc::malformed_response, "the server repeats a page of the list"};
        }
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

    /// What a page shares with the one above must end it, and begin the other, in the same order.
    void note_shared(lane& in, run const& got, std::vector<bool> const& known) {
        places const above{in.above.keys};
        places const first{in.below <= 2 * grid_ ? first_.keys : key_list{}};
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

    /// Whether a page that is read anew may be where it is: what it shares with the one above it,
    /// and with what was there first.
    static bool is_in_place(lane const& in, run const& got) {
        if (!are_in_order(in.target, got.keys)) return false;
        return is_one_piece(in.above.keys, got.keys, false);
    }

    /// The second page shows whether the first one has changed since.
    void note_first(run const& got) {
        places const there{first_.keys};
        for (std::size_t i = 0; i != got.keys.size(); ++i) {
            auto const at = there.find(got.keys[i]);
            if (!at) continue;
            is_first_closed_ = true;
            first_shift_ =
                static_cast<std::int64_t>(*at) - (got.first + static_cast<std::int64_t>(i));
        }
        if (first_shift_ < 0) is_shuffled_ = true;
    }

    void end_lanes() {
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

    /// All pages are there; is what they show of one state?
    void settle() {
        joints_.clear();
        shift_ = 0;
        run lowest;
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

    /// How many entries fewer were read than there were, if nothing of the first page was deleted
    /// between.
    std::int64_t lacking_without_first() const {
        return exact_ ? *exact_ - static_cast<std::int64_t>(seen_.size()) : 0;
    }
    bool is_lacking() const { return exact_ && lacking_without_first() + first_shift_ > 0; }

    std::optional<error> take_closing(run const& got) {
        // How far the last page has moved: by the last of its entries that is shown again.
        places const there{tail_.keys};
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

    /// Whether fewer entries were read than there were and have not been deleted.
    bool has_lost_some() const { return moved_ && lacking_without_first() > *moved_; }

    /// Reads anew where lanes meet, unless nothing moved.
    void link() {
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

    void end_link() {
        lanes_.clear();
        if (is_shuffled_ || !has_lost_some()) {
            finish();
            return;
        }
        // More may have been deleted since; how far has the last page moved now?
        phase_ = phase::closing;
        ask(top_ - grid_, grid_);
    }

    void finish() {
        phase_ = phase::done;
        if (is_shuffled_) count_anew();
    }

    // ---- II. Any other order

    void count_anew() {
        lanes_.clear();
        pending_.reset();
        if (facts_.is_oldest_first) order_ = 1;
        now_.clear();
        present_ = 0;
        is_counting_ = true;
        full_page_.clear();
        repeats_ = 0;
        phase_ = phase::end;
        auto const length = last_length_.value_or(static_cast<std::int64_t>(seen_.size()));
        ask_end(length / size_ + 1);
    }

    void ask_end(std::int64_t number) {
        list_page made;
        made.number = number;
        made.size = size_;
        made.order = order_;
        pending_ = made;
    }

    std::optional<error> take_end(run const& got, std::vector<bool> const&) {
        auto const count = static_cast<std::int64_t>(got.keys.size());
        auto const number = got.first / size_ + 1;
        if (count == size_) {
            if (number >= max_list_pages) {
                return error{errc::malformed_response, "the list does not end"};
            }
            repeats_ = got.keys == full_page_ ? repeats_ + 1 : 0;
            if (repeats_ == max_repeats) {
                return error{errc::malformed_response, "the server repeats a page of the list"};
            }
            full_page_ = got.keys;
            ask_end(number + 1);
            return std::nullopt;
        }
        there_ = got.end();
        for (auto const each : got.keys) {
            if (now_.insert(each).second) ++present_;
        }
        last_rest_ = number - 1;
        return read_rest(1);
    }

    std::optional<error> read_rest(std::int64_t from) {
        next_rest_ = from;
        phase_ = phase::rest;
        if (next_rest_ > last_rest_) return end_rest();
        return std::nullopt;
    }

    std::optional<error> take_rest(run const& got, std::vector<bool> const& known) {
        auto const count = static_cast<std::int64_t>(got.keys.size());
        auto const number = got.first / size_ + 1;
        if (!is_counting_) {
            // The first time; nothing comes after a short page.
            if (count < size_) last_rest_ = std::min(last_rest_, number);
        } else {
            for (std::size_t i = 0; i != got.keys.size(); ++i) {
                if (now_.insert(got.keys[i]).second && known[i]) ++present_;
            }
        }
        if (next_rest_ > last_rest_ && in_flight_ == 0) return end_rest();
        return std::nullopt;
    }

    std::optional<error> end_rest() {
        if (is_counting_) {
            if (present_ >= there_) {
                phase_ = phase::done;
                return std::nullopt;
            }
            auto const lacking = there_ - present_;
            fruitless_ = least_lacking_ && lacking >= *least_lacking_ ? fruitless_ + 1 : 0;
            least_lacking_ = std::min(least_lacking_.value_or(lacking), lacking);
            if (fruitless_ == max_fruitless_readings) {
                return error{errc::conflict, "the list kept changing while it was read"};
            }
            last_length_ = static_cast<std::int64_t>(now_.size());
        }
        count_anew();
        return std::nullopt;
    }

    list_facts facts_;
    phase phase_ = phase::first;
    unsigned plan_ = 0;
    std::size_t in_flight_ = 0;
    std::optional<list_page> pending_;
    std::optional<std::int64_t> total_;
    /// The most entries on a page.
    std::int64_t size_ = 1;
    boost::unordered_flat_set<std::size_t> seen_;

    // Oldest first.
    enum class next_thing { step, settle, finish };
    std::int64_t grid_ = 1;  ///< the length of pages between the first and the last
    std::int64_t top_ = 0;   ///< where the grid ends, and the last page is to begin
    std::int64_t base_ = 0;  ///< where it was begun to read upwards
    int steps_down_ = 0;
    run first_;
    run tail_;
    run frontier_;
    std::optional<std::int64_t> exact_;  ///< the entries there were when the last page was read
    std::int64_t first_shift_ = 0;
    std::int64_t shift_ = 0;
    std::optional<std::int64_t> moved_;  ///< how far the last page has
    bool has_linked_ = false;
    bool has_climbed_to_end_ = false;
    bool has_closing_page_ = false;
    bool is_first_closed_ = false;
    bool is_closed_ = false;
    bool is_shuffled_ = false;
    std::vector<lane> lanes_;
    std::vector<lane> joints_;
    next_thing after_lanes_ = next_thing::settle;

    // Any other order.
    bool is_counting_ = false;
    int order_ = 0;
    int repeats_ = 0;
    key_list full_page_;
    int fruitless_ = 0;
    std::optional<std::int64_t> least_lacking_;
    std::optional<std::int64_t> last_length_;
    std::int64_t there_ = 0;
    std::int64_t present_ = 0;
    std::int64_t next_rest_ = 1;
    std::int64_t last_rest_ = 1;
    boost::unordered_flat_set<std::size_t> now_;
};

moving_list::moving_list(list_facts const& facts) : rule_{std::make_unique<rule>(facts)} {}
moving_list::moving_list(moving_list&& other) noexcept = default;
moving_list& moving_list::operator=(moving_list&& other) noexcept = default;
moving_list::~moving_list() = default;

std::size_t moving_list::key_of(std::string_view text) noexcept {
    return keyed_hash(text, 0);
}

bool moving_list::is_done() const noexcept {
    return rule_->is_done();
}

std::optional<list_page> moving_list::next() {
    return rule_->next();
}

std::optional<error> moving_list::take(list_page const& asked, std::vector<std::size_t> keys,
                                       page_info const& info, std::vector<bool>& known) {
    return rule_->take(asked, std::move(keys), info, known);
}

std::vector<std::size_t> moving_list::last() const {
    return rule_->last();
}

std::optional<std::int64_t> moving_list::total_count() const noexcept {
    return rule_->total_count();
}

}  // namespace cloudflare::inline v0::detail
