#pragma once

#include "memory/task.hpp"
#include "quota/ticket_queue.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

namespace cloudflare::inline v0 {

/// A client's limiter, as its calls use it: whatever the limiter is, and whether it throws.
class limiter_handle {
public:
    explicit limiter_handle(std::shared_ptr<rate_limiter> limiter);

    /// Whether a grant was there at once; `errc::quota_unavailable` when the limiter threw.
    result<bool> try_acquire(grant_request const& request) const noexcept;
    /// Where to wait with a ticket; null: only `acquire` will do.
    ticket_queue* queue() const noexcept { return queue_; }
    /// As `rate_limiter::acquire`. Throws only `operation_aborted`, where a call that was cancelled
    /// awaits something new.
    task<result<void>> acquire(grant_request request,
                               std::chrono::steady_clock::time_point deadline,
                               std::stop_token stop) const;
    /// Why a call waits whose limiter has no queue that could say it.
    quota_wait why() const noexcept;
    /// Ends a grant. What the limiter threw, if it did.
    std::optional<error> observe(rate_limit_report const& report) const noexcept;
    void wake_all() const;
    quota_snapshot snapshot() const { return limiter_->snapshot(); }

private:
    std::shared_ptr<rate_limiter> limiter_;
    ticket_queue* queue_;
};

}  // namespace cloudflare::inline v0
