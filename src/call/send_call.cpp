#include "call/send_call.hpp"

#include "call/answer.hpp"
#include "call/call_machine.hpp"
#include "call/call_scope.hpp"
#include "call/redaction.hpp"
#include "call/request_check.hpp"
#include "memory/spare_memory.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <utility>

namespace cloudflare::inline v0::call {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

constexpr clock::time_point unknown_time{};

double random01() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>{}(generator);
}

failure kind_of(error const& why, attempt_facts const& facts) {
    switch (static_cast<errc>(why.code().value())) {
        case errc::connect_failed:
            return facts.refused ? failure::refused : failure::connect;
        case errc::tls_failed:
            return facts.refused ? failure::refused : failure::tls;
        case errc::timed_out:
            return failure::timeout;
        case errc::malformed_response:
            return failure::malformed_response;
        case errc::response_too_large:
            return failure::response_too_large;
        case errc::cancelled:
        case errc::closed:
            return failure::cancelled;
        case errc::connection_lost:
            return facts.reused && !facts.response_started ? failure::stale_connection
                                                           : failure::connection_lost;
        default:
            return failure::status;
    }
}

/// A grant of the limiter. Its end is noted however it comes, also when the call is destroyed in
/// the middle of an attempt.
class grant {
public:
    explicit grant(limiter_handle const& limiter) noexcept : limiter_{limiter} {}
    ~grant() {
        if (!is_open_) return;
        rate_limit_report lost;
        lost.sent = was_sent_;
        limiter_.observe(lost);
    }
    grant(grant const&) = delete;
    grant& operator=(grant const&) = delete;

    /// Another one was given.
    void renew() noexcept {
        is_open_ = true;
        was_sent_ = false;
    }
    /// The attempt that it was used for is over, or destroyed: whether a byte of it was sent.
    void note_sent(bool was_sent) noexcept { was_sent_ = was_sent; }
    /// What the limiter threw, if it did.
    std::optional<error> end(rate_limit_report const& report) noexcept {
        is_open_ = false;
        return limiter_.observe(report);
    }

private:
    limiter_handle const& limiter_;
    bool is_open_ = true;
    bool was_sent_ = false;
};

/// What is sent in each attempt of a request, and where the answer goes.
class outgoing {
public:
    outgoing(call_scope const& call, detail::pending_request& what)
        : made_{what.make_request()}, into_{what.where_to()} {
        if (!made_) return;
        auto const& more = call.options.headers();
        made_->headers.insert(made_->headers.end(), more.begin(), more.end());
    }
    ~outgoing() {
        if (made_) keep_spare({&made_->target, &made_->body});
    }
    outgoing(outgoing const&) = delete;
    outgoing& operator=(outgoing const&) = delete;

    /// Why there is nothing that can be sent.
    std::optional<error> refusal() const {
        return made_ ? check_request(*made_) : std::optional{made_.error()};
    }
    request const& message() const noexcept { return *made_; }
    operation const& which() const noexcept { return made_->operation; }
    reply const& into() const noexcept { return into_; }

    request_traits traits(call_options const& options) const noexcept {
        auto const method = which().method;
        auto const is_unrepeatable =
            made_->is_sent_once || (method == http_method::post && !made_->is_repeatable);
        request_traits known;
        known.kind = is_unrepeatable ? semantics::not_idempotent : semantics::idempotent;
        known.is_read = method == http_method::get || made_->is_repeatable;
        known.is_delete = method == http_method::delete_ && !is_unrepeatable;
        known.can_look_up = into_.lookup && options.settle_unknown();
        return known;
    }

private:
    result<request> made_;
    reply const into_;
};

/// One attempt under way.
struct attempt {
    attempt() = default;
    ~attempt() {
        // When the context ends, the frame that has this is destroyed before the grant is.
        if (used) used->note_sent(facts.bytes_sent);
        keep_spare(std::move(answer));
    }
    attempt(attempt const&) = delete;
    attempt& operator=(attempt const&) = delete;

    attempt_facts facts;
    std::unique_ptr<response> answer = spare_response();
    grant* used = nullptr;
    clock::time_point began;  // only with a hook
};

/// A request of a call: from its first grant until the machine says that it is over.
class exchange {
public:
    exchange(call_scope& call, detail::pending_request& what, clock::time_point granted_at)
        : call_{call}, grant_{call.core.limiter}, out_{call, what}, granted_at_{granted_at} {}
    ~exchange() { keep_spare({&done_.ray_id}); }

    outgoing const& out() const noexcept { return out_; }
    machine make_machine() const {
        auto const& options = call_.core.options.retry();
        retry_settings settings;
        settings.max_retries = call_.max_retries();
        settings.base = options.backoff_base();
        settings.cap = options.backoff_cap();
        return {out_.traits(call_.options), settings, call_.deadline, call_.core.budget};
    }

    void renew_grant() noexcept {
        grant_.renew();
        granted_at_ = unknown_time;
    }

    void begin(attempt& one, int number) {
        done_.attempts = number;
        call_.count_request(number > 1);
        if (number > 1) clear(out_.into());
        one.facts.call = call_.number();
        one.facts.priority = call_.granted_for.priority;
        one.facts.deadline = call_.deadline;
        one.used = &grant_;
        if (!call_.has_hook()) return;
        one.facts.account = call_.account();
        one.facts.tag = call_.options.tag();
        one.began = granted_at_ == unknown_time ? clock::now() : granted_at_;
        call_.emit(event::kind::attempt_started, out_.which(), number);
    }

    /// What the machine says to the end of an attempt, which brought an answer or this error.
    step end(attempt& one, result<void> const& got, std::exception_ptr const& thrown,
             bool is_cancelled, machine& now) {
        attempt_outcome seen;
        std::optional<error> why;
        if (thrown) {
            seen.kind = failure::thrown;
            why = got.error();
        } else if (got) {
            why = read_answer(call_, *one.answer, out_.into(), seen, messages_);
        } else {
            why = is_cancelled ? error{errc::cancelled, {}} : got.error();
            seen.kind = kind_of(*why, one.facts);
        }
        seen.bytes_sent = one.facts.bytes_sent;
        if (got && !thrown) call_.note_date(one.answer->date);
        note_ray_id(one, why.has_value());

        auto const unobserved = grant_.end(report_of(one, seen));
        if (call_.has_hook()) emit_end(one, seen);
        if (unobserved) {
            // Whatever the answer was, the limiter may now let through what it should not.
            seen.bytes_sent = outcome_of(seen) == request_outcome::unknown || !why;
            seen.kind = failure::thrown;
            why = unobserved;
        }
        done_.status = seen.status;
        if (!why) return now.succeeded(seen);
        auto const at = clock::now();
        // Only of the server it is said that it was slow.
        if (seen.kind == failure::timeout && at >= call_.deadline) why = call_.own_timeout();
        return now.failed(seen, std::move(*why), at, random01());
    }

    /// The call succeeds by the last attempt, or by what was looked up after it.
    void succeed(bool is_by_last_attempt) {
        if (!is_by_last_attempt) done_.ended = unknown_time;
        call_.succeed(done_, std::move(messages_));
    }
    error fail(error why) {
        done_.ended = unknown_time;
        return call_.fail(std::move(why), done_);
    }

private:
    void note_ray_id(attempt const& one, bool has_failed) {
        done_.ray_id.clear();
        if (!has_failed && !call_.wants_ray_id()) return;
        if (done_.ray_id.capacity() < one.answer->ray_id.size()) done_.ray_id = spare_text();
        done_.ray_id = one.answer->ray_id;
        hide(call_.core.options.credentials(), done_.ray_id);
    }

    static rate_limit_report report_of(attempt const& one, attempt_outcome const& seen) {
        rate_limit_report report;
        report.status = seen.status;
        report.sent = one.facts.bytes_sent;
        report.ratelimit = one.answer->ratelimit;
        report.ratelimit_policy = one.answer->ratelimit_policy;
        if (seen.retry_after) {
            report.retry_after = std::chrono::ceil<std::chrono::milliseconds>(*seen.retry_after);
        }
        return report;
    }

    void emit_end(attempt const& one, attempt_outcome const& seen) {
        auto ended = call_.about(event::kind::attempt_ended, out_.which(), done_.attempts);
        ended.status = seen.status;
        if (ended.status == 0) {
            ended.reason = to_string(seen.kind);
        } else {
            ended.ray_id = done_.ray_id;
        }
        done_.ended = clock::now();
        ended.elapsed = done_.ended - one.began;
        call_.core.telemetry->emit(ended);
    }

    call_scope& call_;
    grant grant_;
    outgoing const out_;
    clock::time_point granted_at_;  // the next attempt, if it is known
    summary done_;
    std::vector<api_message> messages_;
};

/// What a user's transport threw.
error thrown_by_transport(std::exception_ptr const& thrown) {
    auto text = std::string{"the transport threw"};
    try {
        std::rethrow_exception(thrown);
    } catch (std::exception const& what) {
        text += ": ";
        text += what.what();
    } catch (...) {
        text += " something that is not a std::exception";
    }
    return error{errc::connection_lost, std::move(text)};
}

/// Waits; shorter when the client is closed, which the call then notices at its next step. False:
/// the caller cancelled.
task<bool> pause(client_core& core, clock::duration delay) {
    // Not a mutex of its own: the coroutine may go on, on another thread, and end before the one
    // that began the wait has let go of it.
    auto& root = co_await this_root{};
    waiter wait{root.executor, core.mutex};
    auto const wake = [&wait, &core] {
        std::lock_guard const lock{core.mutex};
        wait.wake();
    };
    std::stop_callback const on_stop{core.cut_off.get_token(), wake};
    auto const ec = co_await wait.wait(clock::now() + delay);
    co_return !ec || core.cut_off.stop_requested();
}

/// A grant that came when the time was over goes back.
result<void> in_time(call_scope const& call, result<void> granted) {
    if (!granted && granted.error().code() == errc::timed_out) return call.own_timeout();
    if (!granted || clock::now() < call.deadline) return granted;
    grant const unused{call.core.limiter};
    return call.own_timeout();
}

/// Waits until another attempt is granted.
task<result<void>> wait_for_grant(call_scope& call, operation which, int attempts) {
    auto const& limiter = call.core.limiter;
    auto const stop = call.core.cut_off.get_token();
    if (stop.stop_requested()) co_return error{errc::closed, "the client was closed"};
    auto wanted = call.granted_for;
    wanted.operation = which;
    auto const granted = limiter.try_acquire(wanted);
    if (!granted) co_return granted.error();
    if (*granted) co_return in_time(call, {});
    auto* const queue = limiter.queue();
    if (!queue) {
        call.report_wait(limiter.why(), which, attempts);
        auto const came = co_await limiter.acquire(wanted, call.deadline, stop);
        co_return in_time(call, came);
    }
    auto const& root = co_await this_root{};
    quota_ticket place{*queue, root.executor, wanted.priority};
    while (auto const until = place.look(call.deadline, stop)) {
        if (auto const why = place.report()) call.report_wait(*why, which, attempts);
        auto const ec = co_await place.wait(*until);
        place.waited(ec);
    }
    co_return in_time(call, place.came_to());
}

/// Whether an exception is what a task throws where a call that was cancelled awaits something new.
bool is_abort(std::exception_ptr const& thrown, task_root const& root) {
    if (!root.is_cancelled()) return false;
    try {
        std::rethrow_exception(thrown);
    } catch (boost::system::system_error const& what) {
        return what.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

task<step> make_attempt(exchange& of, machine& now, client_core& core, task_root const& root) {
    attempt one;
    of.begin(one, now.attempts());
    result<void> got;
    std::exception_ptr thrown;
    try {
        got = co_await core.sender->send(of.out().message(), one.facts, *one.answer);
    } catch (...) {
        // Cancelled: it has not failed.
        if (!root.is_cancelled()) thrown = std::current_exception();
        got = thrown ? thrown_by_transport(thrown) : error{errc::cancelled, {}};
    }
    co_return of.end(one, got, thrown, root.is_cancelled(), now);
}

task<result<void>> send_request(call_scope& call, detail::pending_request& what, bool is_own,
                                clock::time_point granted_at);

/// Requests beside the call's own one.
class follow_up final : public detail::same_call {
public:
    explicit follow_up(call_scope& call) noexcept : call_{call} {}

    task<result<void>> send(detail::pending_request& what) override {
        auto const granted = co_await wait_for_grant(call_, what.what(), 0);
        if (!granted) co_return granted.error();
        co_return co_await send_request(call_, what, false, unknown_time);
    }

private:
    call_scope& call_;
};

task<step> look_up(exchange const& of, machine& now, call_scope& call, task_root const& root) {
    follow_up within{call};
    auto found = co_await of.out().into().lookup->look_up(within);
    if (found) co_return now.looked_up(found->what, std::move(found->conflict));
    co_return root.is_cancelled() ? now.cancelled() : now.not_looked_up(found.error());
}

task<step> acquire_again(exchange& of, machine& now, call_scope& call, task_root const& root) {
    auto const granted = co_await wait_for_grant(call, of.out().which(), now.attempts());
    if (!granted) {
        co_return root.is_cancelled() ? now.cancelled() : now.refused(granted.error());
    }
    of.renew_grant();
    co_return now.granted();
}

task<step> wait_out(exchange const& of, machine& now, step what, call_scope const& call) {
    if (what.retry_because) {
        call.emit(event::kind::retry_scheduled, of.out().which(), now.attempts(),
                  to_string(*what.retry_because), what.delay);
    }
    bool goes_on = true;
    if (what.delay.count() > 0) goes_on = co_await pause(call.core, what.delay);
    co_return goes_on ? now.paused() : now.cancelled();
}

/// Sends a request, which was granted once, until it is over: the call's own one, whose end is the
/// call's, or one beside it.
task<result<void>> send_request(call_scope& call, detail::pending_request& what, bool is_own,
                                clock::time_point granted_at) {
    exchange current{call, what, granted_at};
    if (auto refused = current.out().refusal()) {
        if (is_own) co_return call.fail(std::move(*refused));
        co_return std::move(*refused);
    }
    auto const& root = co_await this_root{};
    auto now = current.make_machine();
    auto next = now.granted();
    auto before = next.what;
    try {
        while (next.what != action::finish) {
            before = next.what;
            if (before == action::send) {
                next = co_await make_attempt(current, now, call.core, root);
            } else if (before == action::pause) {
                next = co_await wait_out(current, now, next, call);
            } else if (before == action::look_up) {
                next = co_await look_up(current, now, call, root);
            } else {
                next = co_await acquire_again(current, now, call, root);
            }
        }
    } catch (...) {
        if (!is_abort(std::current_exception(), root)) throw;
        now.cancelled();
    }
    if (auto const& why = now.failure()) {
        if (is_own) co_return current.fail(*why);
        co_return *why;
    }
    if (is_own) current.succeed(before == action::send);
    co_return result<void>{};
}

// What the functions below have in hand is not kept in the frame of `send_call`, in which calls
// wait by the thousand.

/// Why a call cannot even wait for a grant; whether there is one at once.
std::optional<error> begin(call_scope const& call, detail::pending_request const& what,
                           task_root const& root, bool& is_granted) {
    if (auto refused = call.refusal(what)) return refused;
    if (root.is_cancelled()) return error{errc::cancelled, {}};
    auto const granted = call.core.limiter.try_acquire(call.granted_for);
    if (!granted) return granted.error();
    is_granted = *granted;
    return std::nullopt;
}

/// Until when to wait in the queue; none: the wait is over.
std::optional<clock::time_point> look(quota_ticket& place, call_scope& call) {
    auto const until = place.look(call.deadline, call.core.cut_off.get_token());
    if (!until) return until;
    if (auto const why = place.report()) call.report_wait(*why, call.granted_for.operation, 0);
    return until;
}

/// Why the wait has brought no grant that is of use.
std::optional<error> end_wait(call_scope const& call, result<void> const& came,
                              task_root const& root) {
    auto const granted = in_time(call, came);
    if (granted) return std::nullopt;
    return root.is_cancelled() ? error{errc::cancelled, {}} : granted.error();
}

task<std::optional<error>> wait_without_queue(call_scope& call) {
    auto const& root = co_await this_root{};
    auto const& limiter = call.core.limiter;
    call.report_wait(limiter.why(), call.granted_for.operation, 0);
    auto const came =
        co_await limiter.acquire(call.granted_for, call.deadline, call.core.cut_off.get_token());
    co_return end_wait(call, came, root);
}

/// Why a wait was left by an exception. One that is not a cancellation ends the call, and goes on.
error end_wait(call_scope& call, std::exception_ptr const& thrown, task_root const& root) {
    if (is_abort(thrown, root)) return error{errc::cancelled, {}};
    call.abandon();
    std::rethrow_exception(thrown);
}

}  // namespace

task<result<void>> send_call(std::shared_ptr<client_core> core, detail::pending_request& what,
                             call_options const& options) {
    call_scope call{*core, what, options};
    auto const& root = co_await this_root{};
    bool is_granted = false;
    auto failure = begin(call, what, root, is_granted);
    if (!failure && !is_granted) {
        try {
            if (auto* const queue = core->limiter.queue()) {
                // Not `wait_for_grant`, whose frame takes memory.
                quota_ticket place{*queue, root.executor, call.granted_for.priority};
                while (auto const until = look(place, call)) {
                    auto const ec = co_await place.wait(*until);
                    place.waited(ec);
                }
                failure = end_wait(call, place.came_to(), root);
            } else {
                failure = co_await wait_without_queue(call);
            }
        } catch (...) {
            failure = end_wait(call, std::current_exception(), root);
        }
    }
    if (failure) co_return call.fail(std::move(*failure));
    auto const granted_at = is_granted ? call.started : unknown_time;
    try {
        co_return co_await send_request(call, what, true, granted_at);
    } catch (...) {
        call.abandon();
        throw;
    }
}

}  // namespace cloudflare::inline v0::call
