#include "call/retry.hpp"

#include "call/client_core.hpp"
#include "call/redaction.hpp"
#include "call/request_check.hpp"
#include "call/retry_policy.hpp"
#include "memory/spare_memory.hpp"
#include "quota/rate_limiter.hpp"
#include "quota/response_headers.hpp"
#include "quota/time.hpp"
#include "wire/envelope.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

constexpr clock::time_point unknown_time{};

double random01() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>{}(generator);
}

policy::failure kind_of(error const& failure, attempt_facts const& facts) {
    switch (static_cast<errc>(failure.code().value())) {
        case errc::connect_failed:
            return facts.refused ? policy::failure::refused : policy::failure::connect;
        case errc::tls_failed:
            return facts.refused ? policy::failure::refused : policy::failure::tls;
        case errc::timed_out:
            return policy::failure::timeout;
        case errc::malformed_response:
            return policy::failure::malformed_response;
        case errc::response_too_large:
            return policy::failure::response_too_large;
        case errc::cancelled:
        case errc::closed:
            return policy::failure::cancelled;
        case errc::connection_lost:
            return facts.reused && !facts.response_started ? policy::failure::stale_connection
                                                           : policy::failure::connection_lost;
        default:
            return policy::failure::status;
    }
}

/// Why a call failed that was waiting for something: the failure of the attempt before, unless the
/// caller ended it, or a look-up told that another entry is there.
error cause(std::optional<error> const& earlier, error const& now) {
    auto const by_caller = now.code() == errc::cancelled || now.code() == errc::closed;
    auto const is_answer = now.code() == errc::conflict;
    return earlier && !by_caller && !is_answer ? *earlier : now;
}

policy::request_outcome combined(policy::request_outcome earlier,
                                 policy::attempt_outcome const& last) {
    return policy::combine(earlier, policy::outcome_of(last));
}

/// What the attempts of a call came to together.
struct progress {
    int attempts = 0;
    unsigned status = 0;  // of the last answer
    std::string ray_id;   // the same, when somebody asks for it
    cloudflare::outcome outcome = outcome::not_sent;
};

/// One call, as far as it is known from its start. Thousands may wait for the quota with no more.
class call {
public:
    call(client_core& the_core, pending_request const& what, call_options const& the_options)
        : core{the_core},
          options{the_options},
          operation_{what.what()},
          account_{what.account()},
          running_{core} {}
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    std::uint64_t number() const noexcept { return running_.number(); }
    std::string_view account() const noexcept { return account_; }
    int max_retries() const {
        return options.max_retries().value_or(core.options.retry().max_retries());
    }

    /// Why the call must not be sent at all.
    std::optional<error> refusal(pending_request const& what) const {
        if (number() == 0) return error{errc::closed, "the client is closed"};
        if (max_retries() < 0) {
            return error{errc::invalid_argument, "max_retries must not be negative"};
        }
        if (auto refused = what.refusal()) return refused;
        return check_headers(options.headers());
    }

    /// Takes a grant of the limiter if there is one at once.
    bool try_acquire(int attempts) const {
        if (core.limiter->try_acquire()) return true;
        count(core.telemetry->throttled);
        ++throttled_;
        if (auto const& own = options.counters()) count(own->throttled);
        emit(event::kind::throttled, attempts);
        return false;
    }

    void count_request(bool is_retry) const {
        count(core.telemetry->requests);
        ++requests_;
        if (is_retry) {
            count(core.telemetry->retries);
            ++retries_;
        }
        auto const& own = options.counters();
        if (!own) return;
        count(own->requests);
        if (is_retry) count(own->retries);
    }

    /// At a time that is known, if it is.
    void succeed(progress const& done, clock::time_point at) const { complete({}, done, at); }

    /// The failure, completed with what is known of the call and not only of its last attempt.
    error fail(error failure, progress const& done = {}) const {
        count(core.telemetry->failures);
        failure = without(core.options.credentials(), failure);
        complete(failure.code().message(), done, unknown_time);
        failure.attempts(done.attempts).outcome(done.outcome);
        if (failure.ray_id().empty()) failure.ray_id(done.ray_id);
        return failure;
    }

    /// Fills in what all events of a call have. Only for when there is a hook.
    event about(event::kind what, int attempts) const {
        event told;
        told.what = what;
        told.call = number();
        told.method = to_string(operation_.method);
        told.operation = operation_.path;
        told.account = account_;
        told.tag = options.tag();
        told.attempt = attempts;
        return told;
    }

    void emit(event::kind what, int attempts, std::string_view reason = {},
              std::chrono::nanoseconds delay = {}) const {
        if (!core.telemetry->hook) return;
        auto told = about(what, attempts);
        told.reason = reason;
        told.delay = delay;
        core.telemetry->emit(told);
    }

    client_core& core;
    call_options const& options;
    clock::time_point const started = clock::now();
    clock::time_point const deadline =
        policy::after(started, options.timeout().value_or(core.options.timeout()));

private:
    void complete(std::string_view reason, progress const& done, clock::time_point at) const {
        count(core.telemetry->calls);
        if (auto const& info = options.info()) {
            info->status = done.status;
            info->ray_id = done.ray_id;
            info->attempts = done.attempts;
            info->account = account_;
            info->tag = options.tag();
            info->requests = requests_;
            info->retries = retries_;
            info->throttled = throttled_;
        }
        if (!core.telemetry->hook) return;
        auto told = about(event::kind::completed, done.attempts);
        told.status = done.status;
        told.ray_id = done.ray_id;
        told.reason = reason;
        told.elapsed = (at == unknown_time ? clock::now() : at) - started;
        core.telemetry->emit(told);
    }

    operation const operation_;
    std::string_view const account_;
    call_in_flight running_;
    int mutable requests_ = 0;
    int mutable retries_ = 0;
    int mutable throttled_ = 0;
};

/// What is sent for a call once it is granted, and what its attempts did at the server together.
class delivery {
public:
    delivery(call const& the_call, pending_request& what, clock::time_point when_granted)
        : of{the_call},
          core{of.core},
          granted_at{when_granted},
          made_{what.make_request()},
          into_{what.where_to()} {
        auto const& retry = core.options.retry();
        settings_.max_retries = of.max_retries();
        settings_.base = retry.backoff_base();
        settings_.cap = retry.backoff_cap();
        if (!made_) return;
        auto const& more = of.options.headers();
        made_->headers.insert(made_->headers.end(), more.begin(), more.end());
    }

    ~delivery() {
        if (made_) keep_spare({&made_->target, &made_->body, &done.ray_id});
    }
    delivery(delivery const&) = delete;
    delivery& operator=(delivery const&) = delete;

    /// Why there is nothing that can be sent.
    std::optional<error> refusal() const {
        return made_ ? check_request(*made_) : std::optional{made_.error()};
    }
    request const& message() const { return *made_; }

    policy::decision decide() {
        return policy::decide(
            settings_, core.budget, done.attempts - 1, last,
            is_unrepeatable() ? policy::semantics::not_idempotent : policy::semantics::idempotent,
            can_look_up(), clock::now(), of.deadline, random01());
    }

    bool can_look_up() const { return into_.lookup && of.options.settle_unknown(); }

    /// Whether to read back at the end what became of a write: nothing more will be sent, yet the
    /// caller's question is open.
    bool is_worth_looking_up(policy::reason why) const {
        // "It is there already" may mean: by an earlier attempt, which the list did not show yet.
        auto const is_open =
            became == policy::request_outcome::unknown || (was_read_back && last.status == 409);
        return can_look_up() && is_open && why != policy::reason::cancelled &&
               why != policy::reason::past_deadline;
    }

    /// Gone already, by an earlier attempt whose answer was lost: that is what DELETE is to do.
    bool is_deleted_by_earlier_attempt(error const& failure) const {
        return message().operation.method == http_method::delete_ && before_last_unknown &&
               failure.code() == errc::not_found;
    }

    task<result<bool>> settle() const {
        return from_awaitable(into_.lookup->was_applied(of.deadline));
    }

    /// Reads an answer: empty when it is a success.
    std::optional<error> read(response& answer) {
        last.status = answer.status;
        last.should_retry = policy::parse_should_retry(answer.should_retry);
        last.retry_after = policy::parse_retry_after_ms(answer.retry_after_ms);
        if (!last.retry_after && !answer.retry_after.empty()) {
            last.retry_after =
                policy::parse_retry_after(answer.retry_after, std::chrono::system_clock::now());
        }
        if (answer.status == 429) count(core.telemetry->rate_limited);

        auto failure = decode(answer);
        // An error quotes parts of the body, which may begin or end within a secret.
        if (failure && hide(core.options.credentials(), answer.body)) failure = decode(answer);
        if (!failure) {
            last.kind = policy::failure::none;
            if (into_.status) *into_.status = answer.status;
            if (into_.location) {
                hide(core.options.credentials(), answer.location);
                *into_.location = std::move(answer.location);
            }
        } else if (failure->code() == errc::malformed_response && answer.status / 100 == 2) {
            last.kind = policy::failure::malformed_response;
        } else {
            last.kind = policy::failure::status;
            last.transient_code_1000 = wire::is_request_timeout(*failure);
            if (last.retry_after) {
                failure->retry_after(
                    std::chrono::ceil<std::chrono::milliseconds>(*last.retry_after));
            }
        }
        if (failure || of.options.info() || core.telemetry->hook) {
            done.ray_id = spare_text();
            done.ray_id = answer.ray_id;
            hide(core.options.credentials(), done.ray_id);
        }
        return failure;
    }

    void succeed(clock::time_point at) {
        core.budget.refill();
        done.status = last.status;
        if (auto const& info = of.options.info()) {
            info->messages = without(core.options.credentials(), std::move(messages_));
        }
        of.succeed(done, at);
    }

    error fail(error const& failure) {
        // A read has nothing to apply.
        auto const is_read =
            message().operation.method == http_method::get || message().is_repeatable;
        auto const total = is_read && became == policy::request_outcome::unknown
                               ? policy::request_outcome::not_sent
                               : became;
        done.status = last.status;
        done.outcome = total == policy::request_outcome::unknown    ? outcome::unknown
                       : total == policy::request_outcome::rejected ? outcome::rejected
                                                                    : outcome::not_sent;
        return of.fail(failure, done);
    }

    call const& of;
    client_core& core;
    progress done;
    policy::attempt_outcome last;
    clock::time_point granted_at;                 // the next attempt, if it is known
    clock::time_point last_ended = unknown_time;  // only with a hook
    policy::request_outcome became = policy::request_outcome::not_sent;
    bool before_last_unknown = false;
    bool was_read_back = false;

private:
    /// Empty when it is a success.
    std::optional<error> decode(response const& answer) {
        if (answer.status / 100 != 2) return wire::decode_failure(answer);
        return wire::decode_success(answer, into_.result, into_.info, messages_);
    }

    bool is_unrepeatable() const {
        return message().operation.method == http_method::post && !message().is_repeatable;
    }

    result<request> made_;
    reply const into_;
    policy::retry_settings settings_;
    std::vector<api_message> messages_;
};

/// One attempt, granted by the limiter. Its end is noted however it comes, also when a cancellation
/// ends the coroutine in the middle.
class attempt {
public:
    explicit attempt(delivery& of) : of_{of} {
        ++of_.done.attempts;
        of_.of.count_request(of_.done.attempts > 1);
        facts.call = of_.of.number();
        facts.deadline = of_.of.deadline;
        of_.last = {};
        of_.last.kind = policy::failure::cancelled;
        if (!of_.core.telemetry->hook) return;
        auto const granted = std::exchange(of_.granted_at, unknown_time);
        began_ = granted == unknown_time ? clock::now() : granted;
        of_.of.emit(event::kind::attempt_started, of_.done.attempts);
        facts.account = of_.of.account();
        facts.tag = of_.of.options.tag();
    }

    ~attempt() {
        auto& last = of_.last;
        last.reused_connection = facts.reused;
        last.bytes_sent = facts.bytes_sent;
        last.response_started = facts.response_started;
        of_.before_last_unknown = of_.became == policy::request_outcome::unknown;
        of_.became = combined(of_.became, last);

        rate_limit_report report;
        report.status = is_answered_ ? answer_->status : 0;
        report.sent = facts.bytes_sent;
        report.ratelimit = answer_->ratelimit;
        report.ratelimit_policy = answer_->ratelimit_policy;
        if (last.retry_after) {
            report.retry_after = std::chrono::ceil<std::chrono::milliseconds>(*last.retry_after);
        }
        of_.core.limiter->observe(report);
        if (of_.core.telemetry->hook) emit_end();
        keep_spare(std::move(answer_));
    }
    attempt(attempt const&) = delete;
    attempt& operator=(attempt const&) = delete;

    /// Where the answer goes.
    response& answer() noexcept { return *answer_; }
    /// Takes what came: empty when it is a success.
    std::optional<error> end(result<void> const& got) {
        is_answered_ = got.has_value();
        if (is_answered_) return of_.read(*answer_);
        of_.last.kind = kind_of(got.error(), facts);
        return got.error();
    }

    attempt_facts facts;

private:
    void emit_end() const {
        auto told = of_.of.about(event::kind::attempt_ended, of_.done.attempts);
        if (is_answered_) {
            told.status = answer_->status;
            told.ray_id = of_.done.ray_id;
        }
        if (told.status == 0) told.reason = policy::to_string(of_.last.kind);
        of_.last_ended = clock::now();
        told.elapsed = of_.last_ended - began_;
        of_.core.telemetry->emit(told);
    }

    delivery& of_;
    std::unique_ptr<response> answer_ = spare_response();
    bool is_answered_ = false;
    clock::time_point began_;  // only with a hook
};

task<std::optional<error>> send_once(delivery& of) {
    attempt now{of};
    auto const got = co_await of.core.sender->send(of.message(), now.facts, now.answer());
    co_return now.end(got);
}

/// Waits for a backoff; shorter when the client is closed, as which the call then ends on its next
/// look. False: the caller cancelled.
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

/// Why a call failed, whatever came to its end at the same moment: one who cancelled must not take
/// it for a timeout.
error unless_cancelled(task_root const& root, error why) {
    return root.is_cancelled() ? error{errc::cancelled, {}} : why;
}

/// What a cancellation throws, where a coroutine that was cancelled awaits something new; anything
/// else is thrown on. Only for the handler of what was thrown.
error cancelled_by(boost::system::system_error const& thrown) {
    if (thrown.code() != asio::error::operation_aborted) throw;
    return error{errc::cancelled, {}};
}

/// A grant that no attempt has begun with: goes back to the limiter.
class unused_grant {
public:
    explicit unused_grant(rate_limiter& of) : of_{&of} {}
    ~unused_grant() {
        if (!of_) return;
        rate_limit_report unsent;
        unsent.sent = false;
        of_->observe(unsent);
    }
    unused_grant(unused_grant const&) = delete;
    unused_grant& operator=(unused_grant const&) = delete;

    void use() noexcept { of_ = nullptr; }

private:
    rate_limiter* of_;
};

/// Waits until another attempt is granted.
task<result<void>> wait_for_turn(call const& of, int attempts) {
    if (of.core.cut_off.stop_requested()) co_return error{errc::closed, "the client was closed"};
    if (of.try_acquire(attempts)) co_return result<void>{};
    co_return co_await acquire(*of.core.limiter, of.deadline, of.core.cut_off.get_token());
}

/// Sends a request, which was granted, until its outcome is settled.
task<result<void>> deliver(call const& of, pending_request& what, clock::time_point granted_at) {
    auto& core = of.core;
    unused_grant grant{*core.limiter};
    delivery now{of, what, granted_at};
    if (auto const refused = now.refusal()) co_return of.fail(*refused);
    grant.use();
    auto const& root = co_await this_root{};
    try {
        for (;;) {
            auto failure = co_await send_once(now);
            if (!failure || now.is_deleted_by_earlier_attempt(*failure)) {
                now.succeed(now.last_ended);
                co_return result<void>{};
            }

            auto const next = now.decide();
            auto const is_last = next.what == policy::action::give_up;
            if (is_last && next.why == policy::reason::budget_exhausted) {
                failure->code(errc::retry_budget_exhausted);
            }
            if (!is_last) {
                of.emit(event::kind::retry_scheduled, now.done.attempts,
                        policy::to_string(next.why), next.delay);
                if (next.delay.count() > 0) {
                    auto const goes_on = co_await pause(core, next.delay);
                    if (!goes_on) break;
                }
            }
            if (is_last ? now.is_worth_looking_up(next.why)
                        : next.what == policy::action::look_up_then_retry) {
                auto const applied = co_await now.settle();
                if (applied && *applied) {
                    now.succeed(unknown_time);
                    co_return result<void>{};
                }
                // Not being able to tell leaves the outcome open, and so ends the call.
                if (!applied) {
                    co_return now.fail(unless_cancelled(root, cause(failure, applied.error())));
                }
                now.became = policy::request_outcome::rejected;
                now.was_read_back = true;
            }
            if (is_last) {
                if (failure->status() == 0) failure = unless_cancelled(root, std::move(*failure));
                co_return now.fail(*failure);
            }
            auto const granted = co_await wait_for_turn(of, now.done.attempts);
            if (!granted) {
                co_return now.fail(unless_cancelled(root, cause(failure, granted.error())));
            }
        }
    } catch (boost::system::system_error const& thrown) {
        co_return now.fail(cancelled_by(thrown));
    }
    co_return now.fail(error{errc::cancelled, {}});
}

}  // namespace

task<result<void>> send_with_retry(std::shared_ptr<client_core> core, pending_request& what,
                                   call_options const& options) {
    call call{*core, what, options};
    auto failure = call.refusal(what);
    auto granted_at = call.started;
    if (!failure && !call.try_acquire(0)) {
        granted_at = unknown_time;
        auto const& root = co_await this_root{};
        try {
            result<void> granted;
            if (auto* const local = as_local(*core->limiter)) {
                // Not `acquire`: calls wait here by the thousand, and its frame takes memory.
                quota_ticket place{*local, root.executor};
                while (auto const until = place.look(call.deadline, core->cut_off.get_token())) {
                    auto const ec = co_await place.wait(*until);
                    place.waited(ec);
                }
                granted = place.came_to();
            } else {
                granted =
                    co_await acquire(*core->limiter, call.deadline, core->cut_off.get_token());
            }
            if (!granted) failure = unless_cancelled(root, granted.error());
        } catch (boost::system::system_error const& thrown) {
            failure = cancelled_by(thrown);
        }
    }
    if (failure) co_return call.fail(std::move(*failure));
    co_return co_await deliver(call, what, granted_at);
}

}  // namespace cloudflare
