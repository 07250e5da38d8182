#pragma once

#include "memory/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <mutex>
#include <utility>

namespace cloudflare::inline v0 {

/// One coroutine's wait for a word from another, which may come on another thread.
///
/// It is a timer, so that the wait has a time limit, takes part in Asio's cancellation, and is
/// owned by the execution context, which may be destroyed at any time. Every touch of it is made
/// under the owner's mutex.
class waiter {
public:
    using time_point = std::chrono::steady_clock::time_point;

    waiter(boost::asio::any_io_executor const& executor, std::mutex& mutex)
        : timer_{executor}, mutex_{mutex} {}

    /// Ends the wait, or the next one if none is under way. The caller holds the mutex.
    void wake() {
        woken_ = true;
        timer_.cancel();
    }
    /// The caller holds the mutex.
    bool is_woken() const noexcept { return woken_; }
    /// Makes ready for another wait. The caller holds the mutex.
    void reset() noexcept { woken_ = false; }

    /// Waits until woken, until the time, or until cancelled (`operation_aborted`, as when woken).
    /// The caller does not hold the mutex.
    template <class CompletionToken>
    auto async_wait(time_point until, CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code)>(
            [this, until](auto handler) {
                std::lock_guard const lock{mutex_};
                timer_.expires_at(woken_ ? time_point::min() : until);
                timer_.async_wait(std::move(handler));
            },
            token);
    }

    /// As `async_wait`, to be awaited in a task.
    auto wait(time_point until) {
        return operation_of<boost::system::error_code>(
            [this, until](auto handler) { async_wait(until, std::move(handler)); });
    }

private:
    boost::asio::steady_timer timer_;
    std::mutex& mutex_;
    bool woken_ = false;
};

}  // namespace cloudflare::inline v0
