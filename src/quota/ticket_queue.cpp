#include "quota/ticket_queue.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

namespace {

/// How long a ticket may take to take its grant.
constexpr std::chrono::milliseconds patience{100};

/// A wait for an answer that would say more is reported when it has taken so long.
constexpr std::chrono::seconds brief_wait{1};

}  // namespace

std::size_t ticket_queue::ahead_of(quota_ticket const& ticket) noexcept {
    std::size_t ahead = 0;
    if (ticket.state_ != quota_ticket::state::waiting) return ahead;
    for (auto& each : lines_) {
        if (&each != &line_of(ticket)) {
            ahead += each.waiting.size();
            continue;
        }
        // Those that left the line in the meantime are among them; it is an estimate.
        return ahead + static_cast<std::size_t>(ticket.number_ - each.waiting.front().number_);
    }
    return ahead;
}

void ticket_queue::enter(quota_ticket& ticket) {
    auto& own = line_of(ticket);
    ticket.number_ = own.entered++;
    own.waiting.push_back(ticket);
}

void ticket_queue::leave(quota_ticket& ticket) {
    switch (ticket.state_) {
        case quota_ticket::state::waiting: {
            auto& own = line_of(ticket);
            auto const was_first = &own.waiting.front() == &ticket;
            own.waiting.erase(own.waiting.iterator_to(ticket));
            if (was_first) wake_first();
            break;
        }
        case quota_ticket::state::granted:
            granted_.erase(granted_.iterator_to(ticket));
            give_back(clock::now());
            wake_first();
            break;
        case quota_ticket::state::passed_over:
        case quota_ticket::state::taken:
        case quota_ticket::state::failed:
            break;
    }
}

void ticket_queue::wake_first() {
    if (auto* const next = lines_.next()) next->waiting.front().waits_.wake();
}

void ticket_queue::wake_all() {
    std::lock_guard const lock{mutex_};
    for (auto& each : lines_) {
        for (auto& ticket : each.waiting) ticket.waits_.wake();
    }
}

void ticket_queue::fail_all(error const& why) {
    for (auto& each : lines_) {
        while (!each.waiting.empty()) {
            auto& first = each.waiting.front();
            each.waiting.pop_front();
            first.state_ = quota_ticket::state::failed;
            first.came_to_ = why;
            first.waits_.wake();
        }
    }
}

void ticket_queue::return_to_line(quota_ticket& ticket) {
    auto& tickets = line_of(ticket).waiting;
    auto const behind = std::find_if(tickets.begin(), tickets.end(), [&](auto const& other) {
        return other.number_ > ticket.number_;
    });
    tickets.insert(behind, ticket);
    ticket.state_ = quota_ticket::state::waiting;
}

void ticket_queue::pass_over_sleepers(time_point now) {
    bool is_any = false;
    while (!granted_.empty() && granted_.front().since_ + patience <= now) {
        auto& sleeper = granted_.front();
        granted_.pop_front();
        sleeper.state_ = quota_ticket::state::passed_over;
        sleeper.since_ = now;
        give_back(now);
        is_any = true;
    }
    if (!is_any) return;
    // Those behind a sleeper are often of the same executor: twice as many each time, so that even
    // thousands hold nobody up for long. Whoever is awake comes back to its place at once.
    for (auto left = sleepers_; left > 0; --left) {
        auto* const next = lines_.next();
        if (!next) break;
        auto& ticket = next->waiting.front();
        next->waiting.pop_front();
        ticket.state_ = quota_ticket::state::passed_over;
        ticket.waits_.wake();
    }
    sleepers_ = 2 * sleepers_ + 1;
}

void ticket_queue::set_alarm() {
    auto at = is_empty() ? time_point::max() : next_grant_;
    if (!granted_.empty()) at = std::min(at, granted_.front().since_ + patience);
    // One that comes too early only looks again.
    if (at >= alarm_at_) return;
    if (!alarm_) {
        try {
            timers_ = timer_thread::of_process();
            alarm_.emplace(timers_->context());
        } catch (std::exception const&) {
            return;  // without a thread, the first of the queue still looks by itself
        }
    }
    alarm_at_ = at;
    alarm_->expires_at(at);
    alarm_->async_wait([self = weak_from_this()](boost::system::error_code ec) {
        auto const queue = ec ? nullptr : self.lock();
        if (queue) queue->on_alarm();
    });
}

void ticket_queue::on_alarm() {
    auto const now = clock::now();
    std::lock_guard const lock{mutex_};
    alarm_at_ = time_point::max();
    pass_over_sleepers(now);
    grant(now);
}

void ticket_queue::grant(time_point now) {
    hand_out(now);
    set_alarm();
}

void ticket_queue::hand_out(time_point now) {
    next_grant_ = time_point::min();
    bool is_first_new = false;
    while (auto* const next = lines_.next()) {
        next_grant_ = take(now);
        if (next_grant_ > now) {
            // It waits for its deadline still, and not for its turn.
            if (is_first_new) wake_first();
            return;
        }
        auto& first = lines_.serve(*next);
        first.state_ = quota_ticket::state::granted;
        first.since_ = now;
        granted_.push_back(first);
        first.waits_.wake();
        is_first_new = true;
    }
}

bool ticket_queue::is_out_of_reach(time_point deadline, bool is_brief) const {
    return next_grant_ > deadline && next_grant_ != time_point::max() && !is_brief;
}

error ticket_queue::out_of_reach(time_point now, bool is_brief) const {
    if (is_brief) {
        return error{errc::timed_out,
                     "the time was over before it was known what the quota allows"};
    }
    auto failure = error{errc::rate_limited, "the quota allows no request before the deadline"};
    if (next_grant_ > now && next_grant_ != time_point::max()) {
        failure.retry_after(std::chrono::ceil<std::chrono::milliseconds>(next_grant_ - now));
    }
    return failure;
}

std::optional<ticket_queue::time_point> ticket_queue::look(quota_ticket& ticket,
                                                           time_point deadline,
                                                           std::stop_token const& stop) {
    using state = quota_ticket::state;
    using reporting = quota_ticket::reporting;
    auto const now = clock::now();
    if (ticket.is_cancelled_) {
        ticket.came_to_ = error{errc::cancelled, "while waiting for the quota"};
        return std::nullopt;
    }
    if (ticket.state_ == state::failed) return std::nullopt;
    if (ticket.state_ == state::passed_over) return_to_line(ticket);
    if (ticket.state_ != state::granted) grant(now);
    if (ticket.state_ == state::granted) {
        granted_.erase(granted_.iterator_to(ticket));
        ticket.state_ = state::taken;
        sleepers_ = 0;
        return std::nullopt;
    }
    if (stop.stop_requested()) {
        ticket.came_to_ = error{errc::closed, "the client was closed"};
        return std::nullopt;
    }
    auto const known = why(now, ahead_of(ticket));
    if (now >= deadline || is_out_of_reach(deadline, known.is_brief)) {
        // Nobody behind the first is served before it.
        ticket.came_to_ = out_of_reach(now, known.is_brief);
        return std::nullopt;
    }
    auto const is_first = &lines_.next()->waiting.front() == &ticket;
    auto until = is_first ? std::min(deadline, next_grant_) : deadline;
    if (ticket.reporting_ == reporting::open) {
        auto const worth_a_report = ticket.since_ + brief_wait;
        if (now >= worth_a_report || !known.is_brief) {
            ticket.reporting_ = reporting::due;
        } else {
            until = std::min(until, worth_a_report);
        }
    }
    return until;
}

task<result<void>> ticket_queue::wait(call_priority priority, time_point deadline,
                                      std::stop_token stop) {
    auto const& root = co_await this_root{};
    quota_ticket place{*this, root.executor, priority};
    std::stop_callback const on_stop{stop, [&place] { place.wake(); }};
    while (auto const until = place.look(deadline, stop)) {
        auto const ec = co_await place.wait(*until);
        place.waited(ec);
    }
    co_return place.came_to();
}

quota_ticket::quota_ticket(ticket_queue& queue, asio::any_io_executor const& executor,
                           call_priority priority)
    : queue_{queue}, waits_{executor, queue.mutex_}, priority_{priority} {
    std::lock_guard const lock{queue_.mutex_};
    queue_.enter(*this);
}

quota_ticket::~quota_ticket() {
    std::lock_guard const lock{queue_.mutex_};
    queue_.leave(*this);
}

std::optional<quota_ticket::time_point> quota_ticket::look(time_point deadline,
                                                           std::stop_token const& stop) {
    std::lock_guard const lock{queue_.mutex_};
    return queue_.look(*this, deadline, stop);
}

std::optional<quota_wait> quota_ticket::report() {
    if (reporting_ != reporting::due) return std::nullopt;
    reporting_ = reporting::done;
    std::lock_guard const lock{queue_.mutex_};
    return queue_.why(clock::now(), queue_.ahead_of(*this));
}

void quota_ticket::wake() {
    std::lock_guard const lock{queue_.mutex_};
    waits_.wake();
}

void quota_ticket::waited(boost::system::error_code ec) {
    std::lock_guard const lock{queue_.mutex_};
    is_cancelled_ = ec == asio::error::operation_aborted && !waits_.is_woken();
    // Also when the wait had ended by itself already: else all further ones end at once.
    waits_.reset();
}

}  // namespace cloudflare::inline v0
