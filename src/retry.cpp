#include "retry.hpp"

#include "client_core.hpp"
#include "every.hpp"
#include "policy/response_headers.hpp"
#include "policy/retry_policy.hpp"
#include "policy/time.hpp"
#include "rate_limiter.hpp"
#include "redaction.hpp"
#include "request_headers.hpp"
#include "spare_memory.hpp"
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
/// caller ended it.
error cause(std::optional<error> const& earlier, error const& now) {
    auto const by_caller = now.code() == errc::cancelled || now.code() == errc::closed;
    return earlier && !by_caller ? *earlier : now;
}

policy::request_outcome combined(policy::request_outcome earlier,
                                 policy::attempt_outcome const& last) {
    return policy::combine(earlier, policy::outcome_of(last));
}

/// One call: its limits, and what its attempts did at the server together.
class call {
public:
    call(client_core& the_core, request& message, call_options const& the_options,
         reply const& into)
        : core{the_core}, options{the_options}, message_{message}, into_{into}, running_{core} {
        auto const& retry = core.options.retry();
        settings_.max_retries = options.max_retries().value_or(retry.max_retries());
        settings_.base = retry.backoff_base();
        settings_.cap = retry.backoff_cap();
    }

    ~call() { keep_spare({&message_.target, &message_.body}); }
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    /// Why the call must not be sent at all.
    std::optional<error> refusal() const {
        if (running_.number() == 0) return error{errc::closed, "the client is closed"};
        if (settings_.max_retries < 0) {
            return error{errc::invalid_argument, "max_retries must not be negative"};
        }
        auto const fits = [](unsigned char c) { return c > ' ' && c < 0x7f; };
        if (!message_.target.starts_with('/') || !every(message_.target, fits)) {
            return error{errc::invalid_argument, "the target is no percent-encoded path"};
        }
        if (auto refused = check_headers(message_.headers)) return refused;
        return check_headers(options.headers());
    }

    policy::decision decide() {
        return policy::decide(
            settings_, core.budget, attempts - 1, last,
            is_unrepeatable() ? policy::semantics::not_idempotent : policy::semantics::idempotent,
            can_settle(), clock::now(), deadline, random01());
    }

    bool can_settle() const { return into_.settle && options.settle_unknown(); }

    /// Whether to read back at the end what became of a write: nothing more will be sent, yet the
    /// caller's question is open.
    bool is_worth_settling(policy::reason why) const {
        // "It is there already" may mean: by an earlier attempt, which the list did not show yet.
        auto const is_open =
            became == policy::request_outcome::unknown || (was_read_back && last.status == 409);
        return can_settle() && is_open && why != policy::reason::cancelled &&
               why != policy::reason::past_deadline;
    }

    /// Gone already, by an earlier attempt whose answer was lost: that is what DELETE is to do.
    bool is_deleted_by_earlier_attempt(error const& failure) const {
        return message_.operation.method == http_method::delete_ && before_last_unknown &&
               failure.code() == errc::not_found;
    }

    task<result<bool>> settle() const {
        return from_awaitable(into_.settle->was_applied(deadline));
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
        if (answer.status == 429) count(core.tools->rate_limited);

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
        if (failure || options.info() || core.tools->hook) {
            ray_id = answer.ray_id;
            hide(core.options.credentials(), ray_id);
        }
        return failure;
    }

    void succeed() {
        core.budget.refill();
        if (auto const& info = options.info()) {
            info->status = last.status;
            info->ray_id = ray_id;
            info->attempts = attempts;
            info->messages = without(core.options.credentials(), std::move(messages_));
        }
        complete({});
    }

    /// The failure, completed with what is known of the call and not only of its last attempt.
    error fail(error failure) {
        count(core.tools->failures);
        failure = without(core.options.credentials(), failure);
        auto const text = failure.code().message();
        complete(text);
        // A read has nothing to apply.
        auto const is_read =
            message_.operation.method == http_method::get || message_.is_repeatable;
        auto const total = is_read && became == policy::request_outcome::unknown
                               ? policy::request_outcome::not_sent
                               : became;
        failure.attempts(attempts).outcome(
            total == policy::request_outcome::unknown    ? outcome::unknown
            : total == policy::request_outcome::rejected ? outcome::rejected
                                                         : outcome::not_sent);
        if (failure.ray_id().empty()) failure.ray_id(ray_id);
        return failure;
    }

    /// Fills in what all events of a call have. Only for when there is a hook.
    event about(event::kind what) const {
        event told;
        told.what = what;
        told.call = running_.number();
        told.method = to_string(message_.operation.method);
        told.operation = message_.operation.path;
        told.attempt = attempts;
        return told;
    }

    void tell(event::kind what, std::string_view reason = {},
              std::chrono::nanoseconds delay = {}) const {
        if (!core.tools->hook) return;
        auto told = about(what);
        told.reason = reason;
        told.delay = delay;
        core.tools->tell(told);
    }

    client_core& core;
    call_options const& options;
    clock::time_point const started = clock::now();
    clock::time_point const deadline =
        policy::after(started, options.timeout().value_or(core.options.timeout()));
    int attempts = 0;
    policy::attempt_outcome last;
    policy::request_outcome became = policy::request_outcome::not_sent;
    bool before_last_unknown = false;
    bool was_read_back = false;
    std::string ray_id;  // of the last answer, when somebody asks for it

    std::uint64_t number() const noexcept { return running_.number(); }

private:
    /// Empty when it is a success.
    std::optional<error> decode(response const& answer) {
        if (answer.status / 100 != 2) return wire::decode_failure(answer);
        return wire::decode_success(answer, into_.result, into_.info, messages_);
    }

    bool is_unrepeatable() const {
        return message_.operation.method == http_method::post && !message_.is_repeatable;
    }

    void complete(std::string_view reason) {
        count(core.tools->calls);
        if (!core.tools->hook) return;
        auto told = about(event::kind::completed);
        told.status = last.status;
        told.ray_id = ray_id;
        told.reason = reason;
        told.elapsed = clock::now() - started;
        core.tools->tell(told);
    }

    request& message_;
    reply const& into_;
    call_in_flight running_;
    policy::retry_settings settings_;
    std::vector<api_message> messages_;
};

/// One attempt, granted by the limiter. Its end is noted however it comes, also when a cancellation
/// ends the coroutine in the middle.
class attempt {
public:
    explicit attempt(call& of) : call_{of} {
        ++call_.attempts;
        if (call_.attempts > 1) count(call_.core.tools->retries);
        count(call_.core.tools->requests);
        facts.call = call_.number();
        facts.deadline = call_.deadline;
        call_.last = {};
        call_.last.kind = policy::failure::cancelled;
        if (!call_.core.tools->hook) return;
        began_ = clock::now();
        call_.tell(event::kind::attempt_started);
    }

    ~attempt() {
        auto& last = call_.last;
        last.reused_connection = facts.reused;
        last.bytes_sent = facts.bytes_sent;
        last.response_started = facts.response_started;
        call_.before_last_unknown = call_.became == policy::request_outcome::unknown;
        call_.became = combined(call_.became, last);

        rate_limit_report report;
        report.status = is_answered_ ? answer_->status : 0;
        report.sent = facts.bytes_sent;
        report.ratelimit = answer_->ratelimit;
        report.ratelimit_policy = answer_->ratelimit_policy;
        if (last.retry_after) {
            report.retry_after = std::chrono::ceil<std::chrono::milliseconds>(*last.retry_after);
        }
        call_.core.limiter->observe(report);
        if (call_.core.tools->hook) tell_end();
        keep_spare(std::move(answer_));
    }
    attempt(attempt const&) = delete;
    attempt& operator=(attempt const&) = delete;

    /// Where the answer goes.
    response& answer() noexcept { return *answer_; }
    /// Takes what came: empty when it is a success.
    std::optional<error> end(result<void> const& got) {
        is_answered_ = got.has_value();
        if (is_answered_) return call_.read(*answer_);
        call_.last.kind = kind_of(got.error(), facts);
        return got.error();
    }

    attempt_facts facts;

private:
    void tell_end() const {
        auto told = call_.about(event::kind::attempt_ended);
        if (is_answered_) {
            told.status = answer_->status;
            told.ray_id = call_.ray_id;
        }
        if (told.status == 0) told.reason = policy::to_string(call_.last.kind);
        told.elapsed = clock::now() - began_;
        call_.core.tools->tell(told);
    }

    call& call_;
    std::unique_ptr<response> answer_ = spare_response();
    bool is_answered_ = false;
    clock::time_point began_;  // only with a hook
};

/// A task of its own, so that what a call holds only while it is sent does not wait with it for the
/// quota: thousands may.
task<std::optional<error>> send_once(call& of, request const& message) {
    attempt now{of};
    auto const got = co_await of.core.through->send(message, now.facts, now.answer());
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

}  // namespace

task<result<void>> send_with_retry(std::shared_ptr<client_core> core, request& message,
                                   call_options const& options, reply const& into) {
    call call{*core, message, options, into};
    if (auto refused = call.refusal()) co_return call.fail(std::move(*refused));
    message.headers.insert(message.headers.end(), options.headers().begin(),
                           options.headers().end());
    std::optional<error> failure;
    auto const& root = co_await this_root{};
    // Whatever came to its end at the same moment: one who cancelled must not take it for a
    // timeout.
    auto const unless_cancelled = [&root](error why) {
        return root.is_cancelled() ? error{errc::cancelled, {}} : why;
    };
    try {
        for (;;) {
            if (core->cut_off.stop_requested()) {
                co_return call.fail(error{errc::closed, "the client was closed"});
            }
            if (!core->limiter->try_acquire()) {
                count(core->tools->throttled);
                call.tell(event::kind::throttled);
                auto const granted =
                    co_await acquire(*core->limiter, call.deadline, core->cut_off.get_token());
                if (!granted) {
                    co_return call.fail(unless_cancelled(cause(failure, granted.error())));
                }
            }
            failure = co_await send_once(call, message);
            if (!failure || call.is_deleted_by_earlier_attempt(*failure)) {
                call.succeed();
                co_return result<void>{};
            }

            auto const next = call.decide();
            auto const is_last = next.what == policy::action::give_up;
            if (is_last && next.why == policy::reason::budget_exhausted) {
                failure->code(errc::retry_budget_exhausted);
            }
            if (!is_last) {
                call.tell(event::kind::retry_scheduled, policy::to_string(next.why), next.delay);
                if (next.delay.count() > 0) {
                    auto const goes_on = co_await pause(*core, next.delay);
                    if (!goes_on) break;
                }
            }
            if (is_last ? call.is_worth_settling(next.why)
                        : next.what == policy::action::settle_then_retry) {
                auto const applied = co_await call.settle();
                if (applied && *applied) {
                    call.succeed();
                    co_return result<void>{};
                }
                // Not being able to tell leaves the outcome open, and so ends the call.
                if (!applied) {
                    co_return call.fail(unless_cancelled(cause(failure, applied.error())));
                }
                call.became = policy::request_outcome::rejected;
                call.was_read_back = true;
            }
            if (is_last) {
                if (failure->status() == 0) failure = unless_cancelled(std::move(*failure));
                co_return call.fail(std::move(*failure));
            }
        }
    } catch (boost::system::system_error const& thrown) {
        // Asio throws this where a coroutine that was cancelled awaits something new.
        if (thrown.code() != asio::error::operation_aborted) throw;
    }
    co_return call.fail(error{errc::cancelled, {}});
}

}  // namespace cloudflare
