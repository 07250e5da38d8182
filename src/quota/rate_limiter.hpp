#pragma once

#include "memory/task.hpp"
#include "memory/waiter.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <optional>
#include <stop_token>

namespace cloudflare {

class local_rate_limiter;

/// The limiter as what `make_rate_limiter` made; null when it is another.
local_rate_limiter* as_local(rate_limiter& limiter) noexcept;

/// A place in the queue of a limiter that `make_rate_limiter` made, for as long as it exists; a
/// grant that was not taken is given back. As long as `look` says until when, `wait` is to be
/// awaited:
///
///     while (auto const until = place.look(deadline, stop)) {
///         auto const ec = co_await place.wait(*until);
///         place.waited(ec);
///     }
class quota_ticket : public boost::intrusive::list_base_hook<> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    quota_ticket(local_rate_limiter& limiter, boost::asio::any_io_executor const& executor);
    ~quota_ticket();
    quota_ticket(quota_ticket const&) = delete;
    quota_ticket& operator=(quota_ticket const&) = delete;

    /// Until when to wait; none: the wait is over. Whoever requests the stop also calls `wake`, or
    /// `wake_all`: a callback would take memory in each call that waits.
    std::optional<time_point> look(time_point deadline, std::stop_token const& stop);
    auto wait(time_point until) { return waits_.wait(until); }
    /// Ends the wait: `look` then says whether to wait again.
    void wake();
    void waited(boost::system::error_code ec);

    /// Once it is over: a grant, or why there is none.
    result<void> const& came_to() const noexcept { return came_to_; }

private:
    friend class local_rate_limiter;

    local_rate_limiter& limiter_;
    waiter waits_;
    result<void> came_to_;
    bool is_cancelled_ = false;
    bool is_granted_ = false;
    bool is_taken_ = false;
};

/// As `limiter.acquire`, in a task. A limiter that `make_rate_limiter` made needs no coroutine of
/// Asio's for that.
task<result<void>> acquire(rate_limiter& limiter, std::chrono::steady_clock::time_point deadline,
                           std::stop_token stop);

/// Wakes all who stand in the limiter's queue, if it is one that `make_rate_limiter` made.
void wake_all(rate_limiter& limiter);

}  // namespace cloudflare
