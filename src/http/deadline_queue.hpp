#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace cloudflare::inline v0::http {

/// Ends exchanges whose time is over: one timer for all of them.
///
/// An exchange runs on the executor of whoever awaits it, the timer elsewhere. So the socket object
/// is not touched from here; the descriptor is shut down, which any thread may do, which ends what
/// is pending and, unlike a cancellation, what begins a moment later.
class deadline_queue : public std::enable_shared_from_this<deadline_queue> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The time limit of one exchange: from its construction until its destruction, or `lift`.
    class guard : public boost::intrusive::set_base_hook<> {
    public:
        guard(deadline_queue& queue, int descriptor, time_point deadline);
        ~guard();
        guard(guard const&) = delete;
        guard& operator=(guard const&) = delete;

        /// Whether the descriptor was shut down because the time was over.
        bool expired() const;
        /// Whether it was shut down because everything is.
        bool cut_off() const;
        /// Ends the limit. False: too late, the descriptor was shut down.
        bool lift();

    private:
        friend class deadline_queue;
        friend bool operator<(guard const& a, guard const& b) { return a.deadline_ < b.deadline_; }

        deadline_queue& queue_;
        int descriptor_;
        time_point deadline_;
        bool ended_ = false;
        bool lifted_ = false;
    };

    explicit deadline_queue(boost::asio::any_io_executor const& executor);

    /// Ends all exchanges, now and from now on.
    void cut_off();

    /// Calls this at that time, once; takes the place of what was set before. Only while exchanges
    /// are under way, as a timer beside them would keep the context running: else when the next
    /// one has begun.
    void call_at(time_point when, std::function<void()> what);

private:
    void add(guard& what);
    void remove(guard& what);
    void arm(time_point when);
    void on_timer();
    void end_overdue(time_point now);
    static void end(guard& what);

    std::mutex mutable mutex_;
    boost::intrusive::multiset<guard> guards_;
    boost::asio::steady_timer timer_;
    time_point armed_for_ = time_point::max();
    time_point call_at_ = time_point::max();
    std::function<void()> call_;
    bool cut_off_ = false;
};

}  // namespace cloudflare::inline v0::http
