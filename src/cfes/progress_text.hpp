#pragma once

#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace cfes {

/// `1:05`, or `2:00:00` from an hour on; seconds are rounded up.
std::string to_clock(std::chrono::milliseconds time);

/// How long a request takes, judged by those that were sent; what waited for the quota does not
/// count.
class request_pace {
public:
    /// So many requests ended in this time, of which as many as could were in flight.
    void add(std::int64_t requests, std::chrono::milliseconds time, bool has_waited);
    std::chrono::milliseconds round_trip(std::size_t concurrency) const;

private:
    std::int64_t requests_ = 0;
    std::chrono::milliseconds time_{};
};

/// What a line of progress is made from.
struct progress_view {
    cloudflare::email_security::sync_progress now;
    std::chrono::milliseconds elapsed{};  ///< since the reading began, or the first change was sent
    std::size_t batch_size = 1000;
    std::size_t concurrency = 4;
    std::chrono::milliseconds round_trip{250};
    cloudflare::rate_limit_options limits;
    bool has_bar = false;
};

/// Whether something waits for the quota, and about how long it will.
std::optional<std::chrono::milliseconds> quota_wait(cloudflare::quota_snapshot const& quota);

/// `[####....] 400/1000 40%  ETA 0:08  80/s  5 requests  quota left 1190/1200`, and before that
/// `[....] reading 3000/75000 4% …`: the end that is expected knows what the quota will make
/// wait.
std::string render_progress(progress_view const& view);

/// As much of such a line as so many columns hold: what comes last goes first, as a whole, then the
/// bar.
std::string fit_progress(std::string line, std::size_t width);

}  // namespace cfes
