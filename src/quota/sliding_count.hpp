#pragma once

#include "quota/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace cloudflare::inline v0::quota {

/// Counts events of the last `window` in constant space, whatever their number: they are counted by
/// slices of a 128th of the window, and a slice is forgotten only when its last instant is older
/// than the window. So the count is never too low, and an event stays counted for at most a 128th
/// of the window too long.
class sliding_count {
public:
    /// Counts over `window`; fine from microseconds up.
    explicit sliding_count(duration window) noexcept;

    /// Counts `events`. `now` never goes back; where it does, it is taken as the latest seen.
    void add(time_point now, std::uint64_t events = 1) noexcept;

    /// Events that may be within the window that ends at `now`.
    [[nodiscard]] std::uint64_t count(time_point now) noexcept;

    /// When the count falls next; `now` if it is zero.
    [[nodiscard]] time_point next_expiry(time_point now) noexcept;

private:
    static constexpr std::size_t slices = 128;
    static constexpr std::size_t size = slices + 2;

    void advance(time_point now) noexcept;
    [[nodiscard]] std::uint64_t& at(std::int64_t slice) noexcept;

    duration slice_;
    std::array<std::uint64_t, size> counts_{};
    std::uint64_t total_ = 0;
    // Numbers of slices since the clock's epoch. All non-empty ones are in [oldest_, newest_].
    std::int64_t oldest_ = std::numeric_limits<std::int64_t>::min();
    std::int64_t newest_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace cloudflare::inline v0::quota
