#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

/// The list, read for a sync, and what that took.
namespace cloudflare::inline v0::email_security {

/// Measures time, and what a sync sends, from its construction.
class sync_clock {
public:
    /// Makes the calls with these options count here; what the caller counts with is told by
    /// `stop`.
    explicit sync_clock(sync_options& options);
    /// Counts on from an earlier part.
    sync_clock(sync_options& options, sync_report const& before);

    std::int64_t requests() const;
    /// To be called once, at the end.
    void stop(sync_report& report) const;

private:
    std::shared_ptr<call_counters> counters_;
    std::shared_ptr<call_counters> callers_;
    std::int64_t requests_before_ = 0;
    std::int64_t retries_before_ = 0;
    std::int64_t throttled_before_ = 0;
    std::chrono::milliseconds elapsed_before_{};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Tells how far a sync is; nothing when nobody listens.
void report_progress(sync_progress now, client const& with, sync_clock const& clock,
                     sync_options const& options);

/// Reads all of a collection; `so_far` is what there is to tell beside, and `last` gets what
/// `sync_changes::last` is to be unless it is null. The references must
/// outlive the call.
boost::asio::awaitable<result<void>> read_with_progress(
    sync_target const& from, cloudflare::detail::any_list_visitor& visitor,
    sync_options const& options, sync_clock const& clock, sync_progress so_far,
    std::vector<std::size_t>* last);

}  // namespace cloudflare::inline v0::email_security
