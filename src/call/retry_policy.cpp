#include "call/retry_policy.hpp"

#include <algorithm>

namespace cloudflare::inline v0::call {
namespace {

bool is_transient_status(unsigned status) noexcept {
    switch (status) {
        case 408:
        case 425:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
        case 530:
            return true;
        default:
            return status >= 520 && status <= 527;
    }
}

// Cloudflare's edge had no connection to send the request over; see outcome_of.
bool edge_could_not_connect(unsigned status) noexcept {
    return status == 521 || status == 523 || status == 525 || status == 526;
}

bool is_transient(attempt_outcome const& attempt) noexcept {
    switch (attempt.kind) {
        case failure::connect:
        case failure::tls:
        case failure::timeout:
        case failure::connection_lost:
        case failure::stale_connection:
            return true;
        case failure::status:
            return attempt.transient_code_1000 || is_transient_status(attempt.status);
        case failure::none:
        case failure::refused:
        case failure::malformed_response:
        case failure::response_too_large:
        case failure::cancelled:
        case failure::thrown:
            break;
    }
    return false;
}

bool is_unusable_answer(failure kind) noexcept {
    return kind == failure::malformed_response || kind == failure::response_too_large;
}

// A uniform number from the caller; what is not one must not become a negative or endless wait.
double clamp01(double random) noexcept {
    return random > 0 ? std::min(random, 1.0) : 0.0;
}

duration scale(duration whole, double share) noexcept {
    return std::min(
        whole, duration{static_cast<duration::rep>(static_cast<double>(whole.count()) * share)});
}

duration clamp_wait(duration wait) noexcept {
    return std::clamp(wait, duration::zero(), max_server_wait);
}

duration backoff_limit(retry_settings const& settings, int attempt) noexcept {
    duration const cap = clamp_wait(settings.cap);
    duration limit = std::min(clamp_wait(settings.base), cap);
    for (int i = 0; i < attempt && limit < cap && limit > duration::zero(); ++i)
        limit = std::min(limit * 2, cap);
    return limit;
}

duration wait_before(retry_settings const& settings, int attempt, attempt_outcome const& outcome,
                     double random01) noexcept {
    double const random = clamp01(random01);
    duration const backoff = scale(backoff_limit(settings, attempt), random);
    if (!outcome.retry_after) return backoff;
    duration const floor = clamp_wait(*outcome.retry_after);
    return std::max(backoff,
                    floor + scale(std::min(clamp_wait(settings.base), floor / 10), random));
}

decision give_up(reason why) noexcept {
    return {verdict::give_up, duration::zero(), why};
}

bool is_status(attempt_outcome const& outcome, unsigned status) noexcept {
    return outcome.kind == failure::status && outcome.status == status;
}

bool is_exhausted(retry_settings const& settings, attempts_so_far before,
                  attempt_outcome const& outcome) noexcept {
    if (settings.max_retries <= 0) return true;
    return !is_status(outcome, 429) && before.all - before.refused >= settings.max_retries;
}

reason why_retry(attempt_outcome const& outcome) noexcept {
    if (outcome.kind == failure::stale_connection) return reason::stale_connection;
    if (!is_transient(outcome)) return reason::server_said_yes;
    return is_status(outcome, 429) ? reason::rate_limited : reason::transient;
}

bool is_free(attempt_outcome const& outcome) noexcept {
    return is_status(outcome, 429) || outcome.kind == failure::stale_connection ||
           outcome_of(outcome) == request_outcome::not_sent;
}

int price_of(attempt_outcome const& outcome) noexcept {
    if (is_free(outcome)) return 0;
    return outcome.kind == failure::timeout ? retry_budget::timeout_cost : retry_budget::retry_cost;
}

}  // namespace

request_outcome outcome_of(attempt_outcome const& attempt) noexcept {
    if (attempt.kind == failure::none) return request_outcome::applied;
    if (attempt.kind != failure::status) {
        // An answer to a request of which nothing was sent belongs to something else.
        return attempt.bytes_sent ? request_outcome::unknown : request_outcome::not_sent;
    }
    unsigned const status = attempt.status;
    if (status == 429 || edge_could_not_connect(status)) return request_outcome::rejected;
    if (attempt.transient_code_1000 || status == 408 || status == 303) {
        return request_outcome::unknown;
    }
    // 2xx: the envelope says that it failed. 3xx: redirects are not followed, so nothing was done.
    return status >= 200 && status < 500 ? request_outcome::rejected : request_outcome::unknown;
}

bool may_be_under_way(attempt_outcome const& attempt) noexcept {
    if (outcome_of(attempt) != request_outcome::unknown) return false;
    if (attempt.kind == failure::status) {
        return attempt.transient_code_1000 || attempt.status == 408 || attempt.status == 504 ||
               attempt.status == 524;
    }
    return !is_unusable_answer(attempt.kind);
}

duration settling_time(retry_settings const& settings) noexcept {
    return clamp_wait(settings.cap);
}

request_outcome combine(request_outcome earlier, request_outcome later) noexcept {
    using enum request_outcome;
    if (earlier == applied || later == applied) return applied;
    if (earlier == unknown || later == unknown) return unknown;
    return earlier == rejected || later == rejected ? rejected : not_sent;
}

decision decide(retry_settings const& settings, retry_budget& budget, attempts_so_far before,
                attempt_outcome const& outcome, semantics kind, bool can_look_up, time_point now,
                time_point deadline, double random01) noexcept {
    if (outcome.kind == failure::none) return give_up(reason::succeeded);
    if (outcome.kind == failure::cancelled) return give_up(reason::cancelled);
    if (is_status(outcome, 303)) return give_up(reason::done_elsewhere);
    if (outcome.should_retry == false) return give_up(reason::server_said_no);

    bool const unsettled =
        kind == semantics::not_idempotent && outcome_of(outcome) == request_outcome::unknown;
    bool const retryable = is_transient(outcome) ||
                           (outcome.kind == failure::status && outcome.should_retry == true) ||
                           (unsettled && is_unusable_answer(outcome.kind));
    if (!retryable) return give_up(reason::not_retryable);
    if (unsettled && !can_look_up) return give_up(reason::outcome_unknown);
    if (is_exhausted(settings, before, outcome)) return give_up(reason::attempts_exhausted);

    bool const at_once = outcome.kind == failure::stale_connection && !unsettled;
    auto delay = at_once ? duration::zero() : wait_before(settings, before.all, outcome, random01);
    if (unsettled && may_be_under_way(outcome)) delay = std::max(delay, settling_time(settings));
    if (now + delay >= deadline) return give_up(reason::past_deadline);

    auto const price = price_of(outcome);
    if (price > 0 && !budget.try_take(price)) return give_up(reason::budget_exhausted);
    if (unsettled) return {verdict::look_up_then_retry, delay, reason::unsettled};
    return {verdict::retry, delay, why_retry(outcome)};
}

std::string_view to_string(reason why) noexcept {
    switch (why) {
        case reason::succeeded:
            return "succeeded";
        case reason::not_retryable:
            return "not_retryable";
        case reason::cancelled:
            return "cancelled";
        case reason::server_said_no:
            return "server_said_no";
        case reason::done_elsewhere:
            return "done_elsewhere";
        case reason::outcome_unknown:
            return "outcome_unknown";
        case reason::attempts_exhausted:
            return "attempts_exhausted";
        case reason::past_deadline:
            return "past_deadline";
        case reason::budget_exhausted:
            return "budget_exhausted";
        case reason::transient:
            return "transient";
        case reason::rate_limited:
            return "rate_limited";
        case reason::stale_connection:
            return "stale_connection";
        case reason::server_said_yes:
            return "server_said_yes";
        case reason::unsettled:
            return "unsettled";
    }
    return "?";
}

std::string_view to_string(failure kind) noexcept {
    switch (kind) {
        case failure::none:
            return "none";
        case failure::connect:
            return "connect";
        case failure::tls:
            return "tls";
        case failure::refused:
            return "refused";
        case failure::timeout:
            return "timeout";
        case failure::connection_lost:
            return "connection_lost";
        case failure::stale_connection:
            return "stale_connection";
        case failure::malformed_response:
            return "malformed_response";
        case failure::response_too_large:
            return "response_too_large";
        case failure::status:
            return "status";
        case failure::cancelled:
            return "cancelled";
        case failure::thrown:
            return "thrown";
    }
    return "?";
}

std::string_view to_string(request_outcome outcome) noexcept {
    switch (outcome) {
        case request_outcome::not_sent:
            return "not_sent";
        case request_outcome::rejected:
            return "rejected";
        case request_outcome::unknown:
            return "unknown";
        case request_outcome::applied:
            return "applied";
    }
    return "?";
}

}  // namespace cloudflare::inline v0::call
