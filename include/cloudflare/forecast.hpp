#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cloudflare::inline v0 {

/// Requests that are to be sent.
struct request_load {
    std::uint64_t requests = 0;                 ///< how many
    std::size_t concurrency = 4;                ///< in flight at most; at least 1
    std::chrono::milliseconds round_trip{250};  ///< that each one takes
};

/// What sending them takes.
struct load_forecast {
    std::chrono::milliseconds duration{};  ///< to the last answer
    std::chrono::milliseconds waiting{};   ///< of which nothing is in flight, for the quota
};

/// Tells how long a load takes under a quota, by letting the rate limiter decide on it in virtual
/// time, against a server that counts in fixed windows, as Cloudflare does, and has no other
/// clients. `known` is what is known of the quota now (`client::quota`), `options` what the limiter
/// was made with. Reads no clock; takes well under a microsecond for a request.
CLOUDFLARE_EXPORT load_forecast forecast(request_load const& load,
                                         rate_limit_options const& options,
                                         quota_snapshot const& known);

}  // namespace cloudflare::inline v0
