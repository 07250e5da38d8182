#pragma once

#include "memory/priority_lines.hpp"
#include "memory/task.hpp"
#include "memory/waiter.hpp"
#include "quota/timer_thread.hpp"

#include <cloudflare/call_options.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>

namespace cloudflare::inline v0 {

/// Why a call waits for the quota, for `event::throttled`.
struct quota_wait {
    std::chrono::nanoseconds delay{};  ///< how long it is expected to take; 0: not known
    std::string_view reason;           ///< static storage
    bool is_brief = false;  ///< only until somebody answers; not worth a report unless it lasts
};

class ticket_queue;

/// A place in a limiter's queue, for as long as it exists; a grant that was not taken is given
/// back. As long as `look` says until when, `wait` is to be awaited:
///
///     while (auto const until = place.look(deadline, stop)) {
///         if (auto const why = place.report()) …
///         auto const ec = co_await place.wait(*until);
///         place.waited(ec);
///     }
class quota_ticket : public boost::intrusive::list_base_hook<> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    quota_ticket(ticket_queue& queue, boost::asio::any_io_executor const& executor,
                 call_priority priority);
    ~quota_ticket();
    quota_ticket(quota_ticket const&) = delete;
    quota_ticket& operator=(quota_ticket const&) = delete;

    /// Until when to wait; none: the wait is over. Whoever requests the stop also calls `wake`, or
    /// `ticket_queue::wake_all`: a callback would take memory in each call that waits.
    std::optional<time_point> look(time_point deadline, std::stop_token const& stop);
    /// Once for a ticket, as soon as it is known to wait for the quota: why.
    std::optional<quota_wait> report();
    auto wait(time_point until) { return waits_.wait(until); }
    /// Ends the wait: `look` then says whether to wait again.
    void wake();
    void waited(boost::system::error_code ec);

    /// Once it is over: a grant, or why there is none.
    result<void> const& came_to() const noexcept { return came_to_; }

private:
    friend class ticket_queue;

    enum class state : unsigned char { waiting, granted, passed_over, taken, failed };
    enum class reporting : unsigned char { open, due, done };

    ticket_queue& queue_;
    waiter waits_;
    result<void> came_to_;
    time_point since_ = std::chrono::steady_clock::now();  // it waits, or has its grant
    std::uint64_t number_ = 0;                             // in its line
    call_priority const priority_;
    state state_ = state::waiting;
    reporting reporting_ = reporting::open;
    bool is_cancelled_ = false;
};

/// Those who wait for a limiter's grants, in the order of their priorities. Where the grants come
/// from is for the limiter to say.
///
/// No grant depends on the executor of whoever waits. When time brings one, the first of the queue
/// and a thread of the library's look for it, whoever is sooner. A grant that its ticket does not
/// take within a tenth of a second, since its executor is busy or stopped, goes on to the next, and
/// that ticket takes its place in the queue again when it wakes.
class ticket_queue : public std::enable_shared_from_this<ticket_queue> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    ticket_queue() = default;
    ticket_queue(ticket_queue const&) = delete;
    ticket_queue& operator=(ticket_queue const&) = delete;

    /// Wakes all who wait: a stop was requested, and each finds out whether for it.
    void wake_all();

    /// Waits in the queue. The awaitable form, for those who cannot hold a ticket.
    task<result<void>> wait(call_priority priority, time_point deadline, std::stop_token stop);

protected:
    ~ticket_queue() = default;

    // The caller of these holds the mutex.
    bool is_empty() const noexcept { return lines_.empty(); }
    std::size_t size() const noexcept { return lines_.size(); }
    /// Hands out what can be granted now.
    void grant(time_point now);
    /// What was learnt may change when the first one's turn is, or that it never comes.
    void wake_first();
    /// Ends the wait of all in the queue.
    void fail_all(error const& why);

    std::mutex mutable mutex_;

private:
    friend class quota_ticket;

    using line = priority_lines<quota_ticket>::line;

    // Asked with the mutex held. A time that is not after `now` is a grant; a later one is when to
    // ask again, `time_point::max()` that it will be known when something was observed.
    virtual time_point take(time_point now) = 0;
    virtual void give_back(time_point now) = 0;
    /// Why whoever has so many ahead of it waits.
    virtual quota_wait why(time_point now, std::size_t ahead) = 0;

    line& line_of(quota_ticket const& ticket) noexcept { return lines_.of(ticket.priority_); }
    std::size_t ahead_of(quota_ticket const& ticket) noexcept;
    void enter(quota_ticket& ticket);
    void leave(quota_ticket& ticket);
    std::optional<time_point> look(quota_ticket& ticket, time_point deadline,
                                   std::stop_token const& stop);
    /// Whether it is known that no grant comes before. The time of the next try at a wait that ends
    /// with somebody's answer says nothing, as that may come at any moment.
    bool is_out_of_reach(time_point deadline, bool is_brief) const;
    error out_of_reach(time_point now, bool is_brief) const;
    void return_to_line(quota_ticket& ticket);
    void hand_out(time_point now);
    void pass_over_sleepers(time_point now);
    void set_alarm();
    void on_alarm();

    using ticket_list = boost::intrusive::list<quota_ticket>;

    priority_lines<quota_ticket> lines_;
    ticket_list granted_;  // not taken yet, the oldest grant first
    std::uint64_t sleepers_ =
        0;  // to be passed over together when the next does not take its grant
    time_point next_grant_{};
    std::shared_ptr<timer_thread> timers_;  // since the first wait
    std::optional<boost::asio::steady_timer> alarm_;
    time_point alarm_at_ = time_point::max();
};

}  // namespace cloudflare::inline v0
