#include "quota/sliding_count.hpp"

#include <algorithm>

namespace cloudflare::inline v0::quota {

sliding_count::sliding_count(duration window) noexcept
    : slice_{std::max(duration{1}, (window + duration{slices - 1}) / static_cast<int>(slices))} {}

void sliding_count::advance(time_point now) noexcept {
    newest_ = std::max(newest_, now.time_since_epoch() / slice_);
    if (total_ == 0) {
        oldest_ = newest_;
        return;
    }
    // An event of slice s is older than the window once slice s + slices is over.
    auto const first_live = newest_ - static_cast<std::int64_t>(slices);
    for (; oldest_ < first_live && total_ > 0; ++oldest_) {
        auto& expired = at(oldest_);
        total_ -= expired;
        expired = 0;
    }
    if (total_ == 0) oldest_ = newest_;
}

std::uint64_t& sliding_count::at(std::int64_t slice) noexcept {
    auto const length = static_cast<std::int64_t>(size);
    return counts_[static_cast<std::size_t>((slice % length + length) % length)];
}

void sliding_count::add(time_point now, std::uint64_t events) noexcept {
    advance(now);
    at(newest_) += events;
    total_ += events;
}

std::uint64_t sliding_count::count(time_point now) noexcept {
    advance(now);
    return total_;
}

time_point sliding_count::next_expiry(time_point now) noexcept {
    advance(now);
    if (total_ == 0) return now;
    while (at(oldest_) == 0) ++oldest_;
    return time_point{slice_ * (oldest_ + static_cast<std::int64_t>(slices) + 1)};
}

}  // namespace cloudflare::inline v0::quota
