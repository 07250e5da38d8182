#include "call/call_scope.hpp"

#include "call/redaction.hpp"
#include "call/request_check.hpp"
#include "quota/response_headers.hpp"

#include <utility>

namespace cloudflare::inline v0::call {

call_scope::call_scope(client_core& the_core, detail::pending_request const& what,
                       call_options const& the_options)
    : core{the_core},
      options{the_options},
      granted_for{what.what(), what.account(), options.priority()},
      running_{core} {}

std::optional<error> call_scope::refusal(detail::pending_request const& what) const {
    if (number() == 0) return error{errc::closed, "the client is closed"};
    if (max_retries() < 0) {
        return error{errc::invalid_argument, "max_retries must not be negative"};
    }
    if (auto refused = what.refusal()) return refused;
    return check_headers(options.headers());
}

error call_scope::own_timeout() const {
    auto const own = options.timeout().value_or(core.options.timeout());
    return error{errc::timed_out,
                 "the call's own timeout of " + std::to_string(own.count()) + " ms passed"};
}

event call_scope::about(event::kind what, operation const& which, int attempt) const {
    event happened;
    happened.what = what;
    happened.call = number();
    happened.method = to_string(which.method);
    happened.operation = which.path;
    happened.account = account();
    happened.tag = options.tag();
    happened.attempt = attempt;
    return happened;
}

void call_scope::emit(event::kind what, operation const& which, int attempt,
                      std::string_view reason, std::chrono::nanoseconds delay) const {
    if (!has_hook()) return;
    auto happened = about(what, which, attempt);
    happened.reason = reason;
    happened.delay = delay;
    core.telemetry->emit(happened);
}

void call_scope::count_request(bool is_retry) {
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

void call_scope::note_date(std::string_view date) {
    auto const& own = options.counters();
    if (!own) return;
    auto const when = quota::parse_date(date);
    if (when) own->server_time = when->time_since_epoch().count();
}

void call_scope::report_wait(quota_wait const& why, operation const& which, int attempt) {
    count(core.telemetry->throttled);
    ++throttled_;
    if (auto const& own = options.counters()) count(own->throttled);
    emit(event::kind::throttled, which, attempt, why.reason, why.delay);
}

void call_scope::succeed(summary const& done, std::vector<api_message> messages) {
    if (auto const& info = options.info()) {
        info->messages = without(core.options.credentials(), std::move(messages));
    }
    complete({}, done);
}

error call_scope::fail(error failure, summary const& done) {
    count(core.telemetry->failures);
    failure = without(core.options.credentials(), failure);
    complete(failure.code().message(), done);
    failure.attempts(done.attempts);
    if (failure.ray_id().empty()) failure.ray_id(done.ray_id);
    return failure;
}

error call_scope::fail(error failure) {
    return fail(std::move(failure), summary{});
}

void call_scope::abandon() {
    count(core.telemetry->failures);
    complete("an exception", {});
}

void call_scope::complete(std::string_view reason, summary const& done) {
    count(core.telemetry->calls);
    if (auto const& info = options.info()) {
        info->status = done.status;
        info->ray_id = done.ray_id;
        info->attempts = done.attempts;
        info->account = account();
        info->tag = options.tag();
        info->requests = requests_;
        info->retries = retries_;
        info->throttled = throttled_;
    }
    if (!has_hook()) return;
    auto happened = about(event::kind::completed, granted_for.operation, done.attempts);
    happened.status = done.status;
    happened.ray_id = done.ray_id;
    happened.reason = reason;
    happened.elapsed = (done.ended == clock::time_point{} ? clock::now() : done.ended) - started;
    core.telemetry->emit(happened);
}

}  // namespace cloudflare::inline v0::call
