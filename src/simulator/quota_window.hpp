#pragma once

#include <cloudflare/simulator.hpp>

#include <chrono>
#include <cstdint>

namespace cloudflare::inline v0::simulator {

/// Counts one credential's requests in a fixed window, which begins with the first request after
/// the last one ended. A request too many blocks everything for a whole window from that moment.
class quota_window {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct decision {
        bool allowed;
        /// Requests left.
        std::uint64_t remaining;
        /// Until the window, or the block, ends: whole seconds, rounded up.
        std::chrono::seconds reset;
    };

    decision take(quota const& limit, time_point now);

private:
    time_point end_ = time_point::min();
    std::uint64_t used_ = 0;
    bool blocked_ = false;
};

}  // namespace cloudflare::inline v0::simulator
