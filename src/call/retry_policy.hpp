#pragma once

#include "call/retry_budget.hpp"
#include "quota/time.hpp"

#include <optional>
#include <string_view>

namespace cloudflare::inline v0::call {

using quota::duration;
using quota::max_server_wait;
using quota::time_point;

/// How an attempt ended.
enum class failure {
    /// It did not fail: there is a usable answer.
    none,
    /// No TCP connection (also name resolution).
    connect,
    /// The TLS handshake broke off: reset, closed, or too slow.
    tls,
    /// No connection, by a verdict: a certificate that is not trusted or is for another host, no
    /// common TLS version, a proxy that wants other credentials. Trying again cannot help.
    refused,
    /// The attempt took longer than an attempt may.
    timeout,
    /// The connection broke before the answer was whole.
    connection_lost,
    /// A reused connection was found dead before a byte of the answer: the usual race with a server
    /// that closes an idle connection.
    stale_connection,
    /// The answer is not HTTP, or its body is not what the API promises.
    malformed_response,
    /// The answer is larger than allowed.
    response_too_large,
    /// The answer has an error status, or Cloudflare's envelope says that it failed.
    status,
    /// The caller cancelled, or the client was closed.
    cancelled,
    /// The transport or the limiter is the user's own and threw.
    thrown,
};

/// What is known of an attempt after it has ended.
struct attempt_outcome {
    /// How it ended.
    failure kind = failure::none;
    /// HTTP status; 0 if there was none.
    unsigned status = 0;
    /// At least one byte of the request was handed to the connection (after the TLS handshake).
    bool bytes_sent = false;
    /// Cloudflare's error 1000, "Request timeout", is in the answer's envelope.
    bool transient_code_1000 = false;
    /// `retry-after-ms`, else `Retry-After`.
    std::optional<duration> retry_after{};
    /// `x-should-retry`.
    std::optional<bool> should_retry{};
};

/// Whether sending a request twice does the same as sending it once.
enum class semantics {
    /// GET, PUT, PATCH (our values are absolute), DELETE, and a POST that only reads.
    idempotent,
    /// Any other POST, and a DELETE whose answer is needed because it says what was deleted.
    not_idempotent,
};

/// What became of a request at the server. Says nothing of whether it is worth retrying.
enum class request_outcome {
    /// Nothing of it was sent.
    not_sent,
    /// It was received, at most in part, and had no effect.
    rejected,
    /// It may have been applied.
    unknown,
    /// It was applied: there is a usable answer.
    applied,
};

/// What one attempt did at the server. Errs on the side of `unknown`.
///
/// - No answer, and no byte of the request left: `not_sent`. No answer otherwise: `unknown`,
///   whatever the transport calls the failure.
/// - 2xx whose envelope says that it failed: `rejected`, as the API itself says so.
/// - 303: `unknown`. It means that the work is done and its result to be had elsewhere (RFC 9110,
///   15.4.4), where we do not go.
/// - Other 3xx and 4xx: `rejected`, as is 425 (RFC 8470, 5.2: not processed) and 429. But 408 is
///   `unknown`: it should mean that the request never arrived whole (RFC 9110, 15.5.9), yet servers
///   answer it for work that took too long, and Cloudflare has its code 1000 "Request timeout" for
///   that.
/// - 521, 523, 525, 526: `rejected`. Cloudflare's edge answers these when the origin refused the
///   TCP connection, was not reachable, or failed the TLS handshake (525) or its certificate's
///   check (526), in each case before there was anything to send the request over.
/// - Other 5xx: `unknown`. That includes 522, which besides a failed connect stands for a
///   connection whose request was not acknowledged in 90 s, 520 and 527 (anything unexpected), 524
///   (answer too slow) and 530 (a wrapper around the 1xxx errors).
[[nodiscard]] request_outcome outcome_of(attempt_outcome const& attempt) noexcept;

/// Whether the server may still be at work on the request, so that looking at once for what it did
/// would be too early: no answer came, or the answer says that it took too long. `settling_time`
/// is how long to wait.
[[nodiscard]] bool may_be_under_way(attempt_outcome const& attempt) noexcept;

/// What several attempts of one request did, from `earlier` ones together and a `later` one.
/// An unknown outcome stays: that a later attempt was rejected or never sent does not undo an
/// earlier one.
[[nodiscard]] request_outcome combine(request_outcome earlier, request_outcome later) noexcept;

/// How eagerly to retry.
struct retry_settings {
    /// Retries of one request, so attempts less one.
    int max_retries = 4;
    /// Longest wait before the first retry; it doubles with each.
    duration base = std::chrono::milliseconds{500};
    /// Longest wait before any retry, unless the server asks for more.
    duration cap = std::chrono::seconds{8};
};

/// The attempts of one request.
struct attempts_so_far {
    int all = 0;
    int refused = 0;  ///< of these, how many were answered with 429
};

/// How long a request may be under way at the server after its answer was lost: what it does later
/// than that may be done twice.
[[nodiscard]] duration settling_time(retry_settings const& settings) noexcept;

/// What to do after a failed attempt.
enum class verdict {
    /// Hand the failure to the caller.
    give_up,
    /// Wait, then send it again.
    retry,
    /// Wait, then read back whether the write was applied; send it again only if it was not.
    look_up_then_retry,
};

/// Why.
enum class reason {
    /// give_up: there is nothing to retry.
    succeeded,
    /// give_up: trying again cannot change it.
    not_retryable,
    /// give_up: the caller cancelled.
    cancelled,
    /// give_up: `x-should-retry: false`.
    server_said_no,
    /// give_up: 303, it is done.
    done_elsewhere,
    /// give_up: it may have been applied, and sending it again could apply it twice.
    outcome_unknown,
    /// give_up: no retries left.
    attempts_exhausted,
    /// give_up: the deadline comes before the wait is over.
    past_deadline,
    /// give_up: too many calls fail.
    budget_exhausted,
    /// retry: a failure that passes.
    transient,
    /// retry: the server asked for fewer requests (429).
    rate_limited,
    /// retry: the connection had gone stale.
    stale_connection,
    /// retry: `x-should-retry: true`, on a status that is not retried otherwise.
    server_said_yes,
    /// look_up_then_retry: it may have been applied.
    unsettled,
};

/// A short name for logs and events, e.g. `past_deadline`.
[[nodiscard]] std::string_view to_string(reason why) noexcept;
/// A short name for logs and events, e.g. `connection_lost`.
[[nodiscard]] std::string_view to_string(failure kind) noexcept;
/// A short name for logs and events, e.g. `unknown`.
[[nodiscard]] std::string_view to_string(request_outcome outcome) noexcept;

/// The decision on a failed attempt.
struct decision {
    /// What to do.
    verdict what = verdict::give_up;
    /// How long to wait first; zero with `give_up`.
    duration delay{};
    /// Why.
    reason why = reason::not_retryable;
};

/// Decides whether an attempt is followed by another.
///
/// - Retried: 408, 425, 429, 500, 502, 503, 504, 520-527, 530, Cloudflare's code 1000, failed
///   connects and broken TLS handshakes, timeouts, lost and stale connections. An unusable answer
///   is not, as the next would be the same; 303 is not, as there is nothing left to do.
/// - `x-should-retry: false` stops; `true` adds any other status to that list, but 303.
/// - A request that is not idempotent is sent again only if `outcome_of` says that it was not
///   processed. If that is unknown: look up if `can_look_up` (also after an unusable answer, since
///   what is read back replaces it), else give up. `x-should-retry: true` does not change that.
/// - The wait is `random01 * min(cap, base * 2^attempt)` (full jitter). The server's wait is a
///   floor, with a jitter of up to a tenth of it, at most `base`, on top, so that waiters who were
///   all given the same time do not come back at once. Before a look-up of what `may_be_under_way`
///   the wait is `settling_time` at least.
/// - What is idempotent is sent again at once after a stale connection, free of the budget.
/// - Never more than `max_retries` attempts follow the first, not counting those that followed a
///   429: that says nothing of this request, only that others had spent the quota. With
///   `max_retries` of 0 nothing at all follows.
/// - If the wait reaches the deadline: give up now.
/// - The budget is charged last, so only for retries that happen; not for a 429, which does not
///   mean an outage, and not where nothing was sent, as no server has more to do then. Filling it
///   up is the caller's: one `retry_budget::refill` for each request that succeeded.
///
/// `before` is about the attempts before the one that has just ended. `random01` is uniform in
/// [0, 1].
[[nodiscard]] decision decide(retry_settings const& settings, retry_budget& budget,
                              attempts_so_far before, attempt_outcome const& outcome,
                              semantics kind, bool can_look_up, time_point now, time_point deadline,
                              double random01) noexcept;

}  // namespace cloudflare::inline v0::call
