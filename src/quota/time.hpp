#pragma once

#include <algorithm>
#include <chrono>

/// Pure decisions about retrying and pacing: no I/O, no clock, no randomness of their own.
namespace cloudflare::inline v0::quota {

/// When something happens. Always handed in: nothing in this layer reads a clock, so that tests can
/// run hours of traffic in milliseconds.
using time_point = std::chrono::steady_clock::time_point;

/// How long something lasts.
using duration = std::chrono::steady_clock::duration;

/// No wait or window that a server names is believed beyond this. Nothing that we call runs for
/// days, and the cap keeps a hostile header from overflowing the arithmetic.
inline constexpr duration max_server_wait = std::chrono::hours{24};

/// `start` and a wait after it. A caller's "for ever" is such a number of milliseconds that it is
/// over the range of the clock.
[[nodiscard]] inline time_point after(time_point start, std::chrono::milliseconds wait) noexcept {
    constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365 * 10};
    return start + std::clamp(wait, -longest, longest);
}

}  // namespace cloudflare::inline v0::quota
