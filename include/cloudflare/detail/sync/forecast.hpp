#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/sync/options.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>

namespace cloudflare::email_security {

/// What a sync takes, if it began now and nothing else used the quota.
struct sync_forecast {
    std::int64_t reads = 0;   ///< requests to read the list, a page each
    std::int64_t writes = 0;  ///< batches; more if a byte limit makes them smaller, or some are bad
    std::int64_t duration_ms = 0;
    std::int64_t waiting_ms = 0;  ///< of it, waiting for the quota
    std::int64_t quota = 0;       ///< requests in a window; 0: unlimited
    std::int64_t quota_left = 0;
};
BOOST_DESCRIBE_STRUCT(sync_forecast, (),
                      (reads, writes, duration_ms, waiting_ms, quota, quota_left))

/// The forecast for a plan that was made with these options, by its report: how long a request
/// takes is told by how long those for the plan took, unless some of them waited for the quota:
/// then it is what `request_load` assumes.
sync_forecast forecast_sync(sync_report const& planned, client const& with,
                            sync_options const& options);

}  // namespace cloudflare::email_security
