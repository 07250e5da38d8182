#pragma once

#include "memory/task.hpp"
#include "memory/waiter.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace cloudflare::inline v0 {

/// A coroutine of the user's, which a call awaits no longer than it has time. It runs on a strand
/// of its own; when it is left behind, it is cancelled, and what it comes to is dropped, which
/// `Kept::dropped` learns if there is one.
template <class T, class Kept>
class left_behind : public std::enable_shared_from_this<left_behind<T, Kept>> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `kept` lives until the coroutine has ended.
    left_behind(boost::asio::any_io_executor const& executor, std::shared_ptr<Kept> kept)
        : strand_{boost::asio::make_strand(executor)}, kept_{std::move(kept)} {}

    void start(boost::asio::awaitable<T> what) {
        auto on_end = [self = this->shared_from_this()](std::exception_ptr thrown, T value) {
            self->end(std::move(thrown), std::move(value));
        };
        boost::asio::co_spawn(
            strand_, fully_cancellable(std::move(what)),
            boost::asio::bind_cancellation_slot(signal_.slot(), std::move(on_end)));
    }

    void cancel() {
        boost::asio::post(strand_, [self = this->shared_from_this()] {
            self->signal_.emit(boost::asio::cancellation_type::terminal);
        });
    }

    std::mutex& mutex() noexcept { return mutex_; }
    /// Null: nobody waits any more.
    void wake_when_ended(waiter* waiting) {
        std::lock_guard const lock{mutex_};
        waiting_ = waiting;
    }
    std::optional<awaited<T>> take() {
        std::lock_guard const lock{mutex_};
        return std::exchange(ended_, std::nullopt);
    }
    void wake() {
        std::lock_guard const lock{mutex_};
        if (waiting_) waiting_->wake();
    }
    /// Unless it has ended, the next wait is not over before it begins.
    void wait_again() {
        std::lock_guard const lock{mutex_};
        if (!ended_) waiting_->reset();
    }

private:
    void end(std::exception_ptr thrown, T value) {
        {
            std::lock_guard const lock{mutex_};
            if (waiting_) {
                ended_.emplace(std::move(thrown), std::move(value));
                waiting_->wake();
                return;
            }
        }
        if constexpr (requires { kept_->dropped(value); }) {
            if (!thrown) kept_->dropped(value);
        }
    }

    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::shared_ptr<Kept> kept_;
    boost::asio::cancellation_signal signal_;
    std::mutex mutex_;
    waiter* waiting_ = nullptr;
    std::optional<awaited<T>> ended_;
};

/// How long a coroutine that was cancelled has to end, before it is left behind.
inline constexpr std::chrono::milliseconds time_to_stop{500};

/// Awaits a coroutine of the user's until the deadline, and `time_to_stop` longer when the call was
/// cancelled or the stop is requested. Empty: it was left behind. What the coroutine refers to must
/// be in `kept`.
template <class T, class Kept>
task<std::optional<awaited<T>>> await_until(std::chrono::steady_clock::time_point deadline,
                                            std::stop_token stop, boost::asio::awaitable<T> what,
                                            std::shared_ptr<Kept> kept) {
    using clock = std::chrono::steady_clock;
    auto& root = co_await this_root{};
    root.throw_if_cancelled();
    auto const under_way = std::make_shared<left_behind<T, Kept>>(root.executor, std::move(kept));
    waiter wait{root.executor, under_way->mutex()};
    struct leaving {
        left_behind<T, Kept>& what;
        ~leaving() { what.wake_when_ended(nullptr); }
    } const on_leaving{*under_way};
    under_way->wake_when_ended(&wait);
    under_way->start(std::move(what));

    // The mutex must live until whoever began a wait has let go of it, which may be after the
    // coroutine has gone on, and ended, on another thread.
    {
        std::stop_callback const on_stop{stop, [&] { under_way->wake(); }};
        auto first =
            operation_of<boost::system::error_code>([under_way, &wait, deadline](auto handler) {
                wait.async_wait(deadline, std::move(handler));
            });
        co_await first;
    }
    if (auto ended = under_way->take()) co_return ended;
    under_way->cancel();
    if (!root.is_cancelled() && !stop.stop_requested()) co_return std::nullopt;
    // It may say what became of what it did.
    under_way->wait_again();
    auto const until = std::min(deadline, clock::now() + time_to_stop);
    auto second = uncancelled_operation_of<boost::system::error_code>(
        [under_way, &wait, until](auto handler) { wait.async_wait(until, std::move(handler)); });
    co_await second;
    co_return under_way->take();
}

}  // namespace cloudflare::inline v0
