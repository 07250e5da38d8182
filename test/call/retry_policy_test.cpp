#include "call/retry_policy.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <ostream>
#include <set>

namespace cloudflare::call {

std::ostream& operator<<(std::ostream& out, reason why) {
    return out << to_string(why);
}
std::ostream& operator<<(std::ostream& out, request_outcome what) {
    return out << to_string(what);
}

}  // namespace cloudflare::call

namespace {

using namespace cloudflare::call;
using namespace std::chrono_literals;

constexpr time_point start{1000s};
constexpr auto safe = semantics::idempotent;
constexpr auto post = semantics::not_idempotent;

attempt_outcome answered(unsigned status) {
    attempt_outcome outcome;
    outcome.kind = failure::status;
    outcome.status = status;
    outcome.bytes_sent = true;
    return outcome;
}

attempt_outcome failed(failure kind, bool bytes_sent) {
    attempt_outcome outcome;
    outcome.kind = kind;
    outcome.bytes_sent = bytes_sent;
    return outcome;
}

// One decision, with everything that a test does not vary at its most favourable.
struct question {
    attempt_outcome outcome;
    semantics kind = safe;
    bool can_look_up = false;
    int attempt = 0;
    int refused = 0;
    retry_settings settings{};
    time_point deadline = start + 1h;
    double random = 0.5;
    int tokens = 500;

    decision ask() const {
        retry_budget budget{tokens};
        return ask(budget);
    }
    decision ask(retry_budget& budget) const {
        return decide(settings, budget, {attempt, refused}, outcome, kind, can_look_up, start,
                      deadline, random);
    }
};

bool retries(question const& q) {
    return q.ask().what == verdict::retry;
}

std::set<unsigned> const transient = {408, 425, 429, 500, 502, 503, 504, 520,
                                      521, 522, 523, 524, 525, 526, 527, 530};
std::set<unsigned> const not_processed = {425, 429, 521, 523, 525, 526};

BOOST_AUTO_TEST_SUITE(retry_policy)

BOOST_AUTO_TEST_CASE(each_status) {
    for (unsigned status = 300; status < 600; ++status) {
        BOOST_TEST_CONTEXT("status " << status) {
            bool const listed = transient.contains(status);
            bool const certain = not_processed.contains(status);
            auto const outcome = answered(status);
            BOOST_TEST(retries({outcome, safe}) == listed);
            BOOST_TEST(retries({outcome, post}) == (listed && certain));

            auto const settled = question{outcome, post, true}.ask();
            BOOST_TEST((settled.what == verdict::look_up_then_retry) == (listed && !certain));
            auto const blind = question{outcome, post}.ask();
            BOOST_TEST((blind.why == reason::outcome_unknown) == (listed && !certain));
            BOOST_TEST((blind.why == reason::not_retryable) == (!listed && status != 303));

            bool const unknown = !certain && (status >= 500 || status == 408 || status == 303);
            BOOST_TEST(outcome_of(outcome) ==
                       (unknown ? request_outcome::unknown : request_outcome::rejected));
        }
    }
}

BOOST_AUTO_TEST_CASE(each_failure) {
    using enum request_outcome;
    struct {
        failure kind;
        bool bytes_sent;
        request_outcome outcome;
        bool retried;       // if idempotent
        bool post_retried;  // without settling
    } const cases[] = {
        {failure::connect, false, not_sent, true, true},
        {failure::tls, false, not_sent, true, true},
        {failure::refused, false, not_sent, false, false},
        // Whatever the transport calls it: a byte may have left.
        {failure::connect, true, unknown, true, false},
        {failure::tls, true, unknown, true, false},
        {failure::thrown, false, not_sent, false, false},
        {failure::timeout, false, not_sent, true, true},
        {failure::timeout, true, unknown, true, false},
        {failure::connection_lost, false, not_sent, true, true},
        {failure::connection_lost, true, unknown, true, false},
        {failure::stale_connection, false, not_sent, true, true},
        {failure::stale_connection, true, unknown, true, false},
        {failure::malformed_response, true, unknown, false, false},
        {failure::response_too_large, true, unknown, false, false},
        {failure::cancelled, false, not_sent, false, false},
        {failure::cancelled, true, unknown, false, false},
        {failure::none, true, applied, false, false},
    };
    for (auto const& c : cases) {
        BOOST_TEST_CONTEXT(to_string(c.kind) << " sent=" << c.bytes_sent) {
            auto const outcome = failed(c.kind, c.bytes_sent);
            BOOST_TEST(outcome_of(outcome) == c.outcome);
            BOOST_TEST(retries({outcome, safe}) == c.retried);
            BOOST_TEST(retries({outcome, post}) == c.post_retried);
            // An unusable answer to a create is replaced by the read-back; a cancel stays one.
            bool const settles = c.outcome == unknown && c.kind != failure::cancelled;
            BOOST_TEST((question{outcome, post, true}.ask().what == verdict::look_up_then_retry) ==
                       settles);
        }
    }
    BOOST_TEST((question{failed(failure::none, true)}.ask().why) == reason::succeeded);
    BOOST_TEST((question{failed(failure::cancelled, true)}.ask().why) == reason::cancelled);
}

BOOST_AUTO_TEST_CASE(code_1000_is_transient_and_of_unknown_outcome_under_any_status) {
    for (unsigned status : {200u, 400u, 408u, 500u}) {
        auto outcome = answered(status);
        outcome.transient_code_1000 = true;
        BOOST_TEST(retries({outcome, safe}));
        BOOST_TEST(outcome_of(outcome) == request_outcome::unknown);
        BOOST_TEST((question{outcome, post}.ask().why) == reason::outcome_unknown);
    }
    auto limited = answered(429);
    limited.transient_code_1000 = true;
    BOOST_TEST(outcome_of(limited) == request_outcome::rejected);
}

BOOST_AUTO_TEST_CASE(the_server_has_a_say) {
    auto no = answered(503);
    no.should_retry = false;
    BOOST_TEST((question{no}.ask().why) == reason::server_said_no);

    auto yes = answered(409);
    yes.should_retry = true;
    BOOST_TEST(retries({yes, safe}));
    BOOST_TEST(retries({yes, post}));
    BOOST_TEST((question{yes}.ask().why) == reason::server_said_yes);

    auto unlisted = answered(501);
    unlisted.should_retry = true;
    BOOST_TEST(retries({unlisted, safe}));
    BOOST_TEST((question{unlisted, post}.ask().why) == reason::outcome_unknown);
    BOOST_TEST((question{unlisted, post, true}.ask().why) == reason::unsettled);
}

BOOST_AUTO_TEST_CASE(attempts_are_counted) {
    question q{answered(503)};
    for (q.attempt = 0; q.attempt < 4; ++q.attempt) BOOST_TEST(retries(q));
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
    q.attempt = 0;
    q.settings.max_retries = 0;
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
    q.settings.max_retries = -3;
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
}

BOOST_AUTO_TEST_CASE(attempts_after_a_429_are_not_counted) {
    question q{answered(429)};
    for (q.attempt = 0; q.attempt < 100; ++q.attempt, ++q.refused) BOOST_TEST(retries(q));
    q.outcome = answered(503);
    for (int failed = 0; failed < 4; ++failed, ++q.attempt) BOOST_TEST(retries(q));
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
    // The quota may refuse once more even then.
    q.outcome = answered(429);
    BOOST_TEST(retries(q));
    // But none at all means one request.
    q.settings.max_retries = 0;
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_is_left_at_once_and_for_free) {
    question q{failed(failure::stale_connection, true)};
    q.tokens = 0;
    auto const first = q.ask();
    BOOST_TEST((first.what == verdict::retry));
    BOOST_TEST((first.delay == 0s));
    BOOST_TEST(first.why == reason::stale_connection);
    // But it is one of the attempts: none at all means one request.
    q.settings.max_retries = 0;
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);
    q.settings.max_retries = 1;
    q.attempt = 1;
    BOOST_TEST(q.ask().why == reason::attempts_exhausted);

    q.attempt = 0;
    q.deadline = start;
    BOOST_TEST(q.ask().why == reason::past_deadline);
}

BOOST_AUTO_TEST_CASE(what_may_be_under_way_has_time_to_settle) {
    auto const timeout_inside = [] {
        auto seen = answered(400);
        seen.transient_code_1000 = true;
        return seen;
    }();
    for (auto const& each : {failed(failure::timeout, true), failed(failure::connection_lost, true),
                             failed(failure::stale_connection, true), failed(failure::tls, true),
                             answered(408), answered(504), answered(524), timeout_inside}) {
        BOOST_TEST(may_be_under_way(each));
        question q{each, post, true};
        BOOST_TEST((q.ask().delay == 8s));
        q.outcome.retry_after = 60s;
        BOOST_TEST((q.ask().delay > 8s));
        // Who sends it again without looking need not wait.
        BOOST_TEST((question{each, safe}.ask().delay < 8s));
    }
    for (auto const& each :
         {failed(failure::timeout, false), failed(failure::malformed_response, true), answered(500),
          answered(502), answered(503), answered(409), answered(429)}) {
        BOOST_TEST(!may_be_under_way(each));
    }
}

BOOST_AUTO_TEST_CASE(done_elsewhere_is_done) {
    auto done = answered(303);
    BOOST_TEST((question{done, post, true}.ask().why) == reason::done_elsewhere);
    done.should_retry = true;
    BOOST_TEST((question{done, post}.ask().why) == reason::done_elsewhere);
    BOOST_TEST((question{done, safe}.ask().why) == reason::done_elsewhere);
}

BOOST_AUTO_TEST_CASE(backoff_is_full_jitter_under_a_cap) {
    question q{answered(503)};
    q.settings.max_retries = 1'000'000;
    duration const limits[] = {500ms, 1s, 2s, 4s, 8s, 8s};
    for (q.attempt = 0; q.attempt < 6; ++q.attempt) {
        auto const limit = limits[q.attempt];
        for (auto const& [random, expected] :
             {std::pair{0.0, duration{}}, {0.25, limit / 4}, {1.0, limit}}) {
            q.random = random;
            BOOST_TEST((q.ask().delay == expected));
        }
    }
    q.attempt = 999'999;
    BOOST_TEST((q.ask().delay == 8s));
    for (double random : {-1.0, 2.0, std::numeric_limits<double>::quiet_NaN()}) {
        q.random = random;
        BOOST_TEST((q.ask().delay >= 0s && q.ask().delay <= 8s));
    }
    q.random = 1;
    q.settings.base = -1s;
    BOOST_TEST((q.ask().delay == 0s));
    q.settings.base = duration::max();
    q.settings.cap = duration::max();
    q.deadline = time_point::max();
    BOOST_TEST((q.ask().delay == max_server_wait));
}

BOOST_AUTO_TEST_CASE(after_a_429_a_retry_is_free_of_the_budget) {
    question q{answered(429)};
    q.tokens = 0;
    BOOST_TEST(retries(q));
    q.outcome = answered(503);
    BOOST_TEST((q.ask().why == reason::budget_exhausted));
}

BOOST_AUTO_TEST_CASE(what_was_not_sent_is_free_of_the_budget) {
    for (auto const how : {failure::connect, failure::tls, failure::timeout}) {
        question q{failed(how, false)};
        q.tokens = 0;
        BOOST_TEST(retries(q));
        q.outcome = failed(how, true);
        BOOST_TEST((q.ask().why == reason::budget_exhausted));
    }
}

BOOST_AUTO_TEST_CASE(the_servers_wait_is_a_floor) {
    question q{answered(429)};
    q.outcome.retry_after = 30s;
    for (double random : {0.0, 0.5, 1.0}) {
        q.random = random;
        auto const delay = q.ask().delay;
        BOOST_TEST((delay >= 30s && delay <= 30s + 500ms));
    }
    BOOST_TEST((q.ask().delay > 30s));
    BOOST_TEST(q.ask().why == reason::rate_limited);
    q.outcome.retry_after = 10ms;
    BOOST_TEST((q.ask().delay == 500ms));  // the backoff is longer
    q.outcome.retry_after = duration::max();
    q.deadline = time_point::max();
    BOOST_TEST((q.ask().delay >= max_server_wait));
    q.outcome.retry_after = duration::min();
    BOOST_TEST((q.ask().delay == 500ms));
}

BOOST_AUTO_TEST_CASE(fails_now_if_the_wait_would_reach_the_deadline) {
    question q{answered(503)};
    q.outcome.retry_after = 30s;
    q.random = 0;
    q.deadline = start + 30s + 1ns;
    BOOST_TEST(retries(q));
    q.deadline = start + 30s;
    auto const late = q.ask();
    BOOST_TEST(late.why == reason::past_deadline);
    BOOST_TEST((late.delay == 0s));
    q.kind = post;
    q.can_look_up = true;
    BOOST_TEST(q.ask().why == reason::past_deadline);
}

BOOST_AUTO_TEST_CASE(the_budget_pays_for_what_happens) {
    retry_budget budget{15};
    question q{answered(503)};
    q.deadline = start;
    BOOST_TEST(q.ask(budget).why == reason::past_deadline);
    BOOST_TEST(budget.available() == 15);
    q.deadline = start + 1h;
    BOOST_TEST((q.ask(budget).what == verdict::retry));
    BOOST_TEST(budget.available() == 10);
    q.outcome = failed(failure::timeout, true);
    BOOST_TEST((q.ask(budget).what == verdict::retry));
    BOOST_TEST(budget.available() == 0);
    BOOST_TEST(q.ask(budget).why == reason::budget_exhausted);
}

BOOST_AUTO_TEST_CASE(an_unknown_outcome_outlives_later_attempts) {
    using enum request_outcome;
    for (auto later : {not_sent, rejected, unknown}) BOOST_TEST(combine(unknown, later) == unknown);
    BOOST_TEST(combine(unknown, applied) == applied);
    BOOST_TEST(combine(not_sent, unknown) == unknown);
    BOOST_TEST(combine(not_sent, rejected) == rejected);
    BOOST_TEST(combine(rejected, not_sent) == rejected);
    BOOST_TEST(combine(not_sent, not_sent) == not_sent);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
