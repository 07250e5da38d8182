#pragma once

#include "policy/response_headers.hpp"
#include "policy/sliding_count.hpp"
#include "policy/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::policy {

/// What is known of the server's limits before it has said a word. The defaults are Cloudflare's:
/// 1200 requests in 5 minutes a user, 200 a second an IP address.
struct rate_policy {
    /// Requests a window; 0 switches the whole limiter off.
    std::uint64_t quota = 1200;
    /// The window's length.
    duration window = std::chrono::seconds{300};
    /// Share of the quota left to the user's other clients: floor(quota * reserve) requests.
    double reserve = 0.01;
    /// Grants in any second; 0 for no such limit.
    std::uint64_t per_second = 200;
};

/// What an answer says of the limits.
struct observed {
    /// HTTP status.
    unsigned status = 200;
    /// `Ratelimit`, parsed; empty if there was none.
    std::vector<ratelimit_item> limits{};
    /// `Ratelimit-Policy`, parsed; empty if there was none.
    std::vector<ratelimit_policy_item> policies{};
    /// `retry-after-ms`, else `Retry-After`.
    std::optional<duration> retry_after{};
};

/// The limiter's view, for metrics.
struct rate_snapshot {
    /// Requests a window of the tightest quota; 0 when the limiter is off.
    std::uint64_t limit = 0;
    /// At least so many requests are left in that window, the reserve included. Before the server's
    /// word in a window: nothing.
    std::optional<std::uint64_t> remaining{};
    /// Requests that were granted and have not ended.
    std::uint64_t in_flight = 0;
    /// When that window ends, if the server has told.
    std::optional<time_point> window_end{};
    /// Until when a 429 holds everything back, if one does.
    std::optional<time_point> gate_end{};
};

/// Decides when the next request may go, so that none is sent that the server is known to refuse,
/// and all of the quota but a reserve can be used.
///
/// Each grant ends in exactly one call of `observe` or `abandon`. Cheap: `take` is O(1) amortised
/// and does not allocate. Not thread-safe.
class rate_limiter {
public:
    /// Starts from a policy that the server's headers then correct.
    explicit rate_limiter(rate_policy policy = {});

    /// Asks for one request. A result that is not after `now` grants it and counts it as in flight;
    /// a later one does not, and says when to ask again: then, or after the next `observe` or
    /// `abandon`, whichever comes first, as either may have made room. `time_point::max()` says
    /// that only one of these can.
    [[nodiscard]] time_point take(time_point now);

    /// A granted request was answered.
    void observe(observed const& answer, time_point now);

    /// A granted request ended without an answer. If no byte of it was sent it is as if never
    /// granted; else the server may have counted it.
    void abandon(time_point now, bool sent = true);

    /// The present view.
    [[nodiscard]] rate_snapshot snapshot(time_point now) const;

private:
    // One quota of the server's, by the name it has in the headers.
    struct bucket;
};

}  // namespace cloudflare::policy
