#include "call/counted_reading.hpp"

#include <cloudflare/pager.hpp>

#include <algorithm>
#include <utility>

// In any order, others, or edits, may move entries anywhere. The list is read more than once, each
// time with its last page first, which says how many entries there are at that moment T: no more
// than a position that is empty, or exactly so many when the page is neither full nor empty. An
// entry that was read before T and is read again after T, or at T, was there at T. When as many are
// known to have been there as there were, these are all, and all that lasted are among them. Oldest
// first (where `oldest_first_reading` was not enough) it is read by what tells the entries apart,
// so that nothing is shuffled. A list at rest is read twice; each change while it is read may cost
// a reading, and it is given up when several readings in a row came no closer.
namespace cloudflare::inline v0::detail {

namespace {

/// Readings in a row that come no closer to the number of entries.
constexpr int max_fruitless_readings = 8;

}  // namespace

// What is oldest first was read so before, and did not keep its order.
counted_reading::counted_reading(bool is_oldest_first, key_set const& seen)
    : order_{is_oldest_first ? 1 : 0}, seen_{seen} {}

void counted_reading::restart(std::int64_t size) {
    size_ = size;
    is_done_ = is_counting_ = is_at_end_ = false;
    in_flight_ = 0;
    end_.reset();
    last_rest_ = 0;
}

std::optional<error> counted_reading::read_after_first(std::int64_t length) {
    last_rest_ = length / size_;
    return read_rest(2);
}

void counted_reading::count_anew() {
    now_.clear();
    full_page_.clear();
    present_ = 0;
    repeats_ = 0;
    is_counting_ = is_at_end_ = true;
    auto const length = last_length_.value_or(static_cast<std::int64_t>(seen_.size()));
    ask_end(length / size_ + 1);
}

std::optional<list_page> counted_reading::next() {
    std::optional<list_page> made;
    if (is_at_end_) {
        made = std::exchange(end_, std::nullopt);
    } else if (!is_done_ && next_rest_ <= last_rest_) {
        made = page_with((next_rest_++ - 1) * size_, size_);
        made->order = order_;
    }
    if (made) ++in_flight_;
    return made;
}

std::optional<error> counted_reading::take(page_keys const& got, std::vector<bool> const& known) {
    --in_flight_;
    return is_at_end_ ? take_end(got) : take_rest(got, known);
}

void counted_reading::ask_end(std::int64_t number) {
    end_ = page_with((number - 1) * size_, size_);
    end_->order = order_;
}

std::optional<error> counted_reading::take_end(page_keys const& got) {
    auto const number = got.first / size_ + 1;
    if (got.count() == size_) {
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

std::optional<error> counted_reading::read_rest(std::int64_t from) {
    next_rest_ = from;
    is_at_end_ = false;
    if (next_rest_ > last_rest_) return end_rest();
    return std::nullopt;
}

std::optional<error> counted_reading::take_rest(page_keys const& got,
                                                std::vector<bool> const& known) {
    if (!is_counting_) {
        // The first time; nothing comes after a short page.
        if (got.count() < size_) last_rest_ = std::min(last_rest_, got.first / size_ + 1);
    } else {
        for (std::size_t i = 0; i != got.keys.size(); ++i) {
            if (now_.insert(got.keys[i]).second && known[i]) ++present_;
        }
    }
    if (next_rest_ > last_rest_ && in_flight_ == 0) return end_rest();
    return std::nullopt;
}

std::optional<error> counted_reading::end_rest() {
    if (is_counting_) {
        if (present_ >= there_) {
            is_done_ = true;
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

}  // namespace cloudflare::inline v0::detail
