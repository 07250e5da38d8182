#include "call/call_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace cloudflare::call {

static std::ostream& operator<<(std::ostream& out, action what) {
    static constexpr char const* names[] = {"acquire", "send", "pause", "look_up", "finish"};
    return out << names[static_cast<int>(what)];
}

}  // namespace cloudflare::call

namespace {

using namespace cloudflare::call;
using namespace std::chrono_literals;
using cloudflare::entry_match;
using cloudflare::errc;
using cloudflare::error;
using cloudflare::outcome;

constexpr time_point start{1000s};

attempt_outcome answered(unsigned status) {
    attempt_outcome seen;
    seen.kind = status == 200 ? failure::none : failure::status;
    seen.status = status;
    seen.bytes_sent = true;
    return seen;
}

attempt_outcome lost(failure kind, bool bytes_sent = true) {
    attempt_outcome seen;
    seen.kind = kind;
    seen.bytes_sent = bytes_sent;
    return seen;
}

request_traits create() {
    request_traits what;
    what.kind = semantics::not_idempotent;
    what.can_look_up = true;
    return what;
}

/// A machine at a fixed time, and what it came to.
struct driven {
    explicit driven(request_traits what = create(), int max_retries = 4) {
        settings.max_retries = max_retries;
        now.emplace(what, settings, start + 1h, budget);
        BOOST_TEST(now->granted().what == action::send);
    }

    step fails(attempt_outcome const& seen, errc code = errc::server_error) {
        return now->failed(seen, error{code, "why"}, start, 0.5);
    }
    step fails(unsigned status, errc code = errc::server_error) {
        return fails(answered(status), code);
    }
    void check_failed(errc code, outcome became, int attempts) const {
        BOOST_REQUIRE(now->failure().has_value());
        BOOST_CHECK(now->failure()->code() == code);
        BOOST_CHECK(now->failure()->outcome() == became);
        BOOST_TEST(now->failure()->attempts() == attempts);
    }
    void check_succeeded() const { BOOST_TEST(!now->failure().has_value()); }

    retry_settings settings;
    retry_budget budget;
    std::optional<machine> now;
};

BOOST_AUTO_TEST_SUITE(call_machine)

BOOST_AUTO_TEST_CASE(an_answer_ends_it) {
    driven call;
    BOOST_TEST(call.now->succeeded(answered(200)).what == action::finish);
    call.check_succeeded();
    BOOST_TEST(call.now->attempts() == 1);
    BOOST_TEST(call.now->status() == 200u);
}

BOOST_AUTO_TEST_CASE(what_is_refused_ends_it) {
    driven call;
    BOOST_TEST(call.fails(422, errc::request_rejected).what == action::finish);
    call.check_failed(errc::request_rejected, outcome::rejected, 1);
}

BOOST_AUTO_TEST_CASE(a_read_is_repeated) {
    request_traits read;
    read.is_read = true;
    driven call{read};
    auto const pause = call.fails(503);
    BOOST_TEST(pause.what == action::pause);
    BOOST_CHECK(pause.retry_because == reason::transient);
    BOOST_TEST(call.now->paused().what == action::acquire);
    BOOST_TEST(call.now->granted().what == action::send);
    BOOST_TEST(call.fails(404, errc::not_found).what == action::finish);
    // The first may have been carried out, but there was nothing to bring about.
    call.check_failed(errc::not_found, outcome::not_sent, 2);
}

BOOST_AUTO_TEST_CASE(a_lost_create_is_looked_up) {
    struct {
        entry_match found;
        action next;
    } const cases[] = {{entry_match::same, action::finish},
                       {entry_match::differs, action::finish},
                       {entry_match::other, action::acquire}};
    for (auto const& each : cases) {
        driven call;
        auto const pause = call.fails(lost(failure::timeout), errc::timed_out);
        BOOST_TEST(pause.what == action::pause);
        BOOST_CHECK(pause.delay >= settling_time(call.settings));
        BOOST_CHECK(pause.retry_because == reason::unsettled);
        BOOST_TEST(call.now->paused().what == action::look_up);
        auto const next = call.now->looked_up(each.found, error{errc::conflict, "another"});
        BOOST_TEST(next.what == each.next);
        if (each.found == entry_match::same) call.check_succeeded();
        if (each.found == entry_match::differs) {
            call.check_failed(errc::conflict, outcome::unknown, 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(that_nothing_was_found_is_no_refusal) {
    driven call{create(), 0};
    BOOST_TEST(call.fails(503).what == action::look_up);
    BOOST_TEST(call.now->looked_up(entry_match::other, {}).what == action::finish);
    call.check_failed(errc::server_error, outcome::unknown, 1);
}

BOOST_AUTO_TEST_CASE(the_last_look_waits_too) {
    driven call{create(), 0};
    auto const pause = call.fails(lost(failure::connection_lost), errc::connection_lost);
    BOOST_TEST(pause.what == action::pause);
    BOOST_CHECK(pause.delay == settling_time(call.settings));
    // Nothing is sent again after it.
    BOOST_TEST(!pause.retry_because.has_value());
    BOOST_TEST(call.now->paused().what == action::look_up);
}

BOOST_AUTO_TEST_CASE(it_looks_early_where_there_is_no_time_to_wait) {
    driven call;
    auto const late = start + 1h - 1s;
    auto const next = call.now->failed(lost(failure::timeout), error{errc::timed_out, ""}, late, 0);
    BOOST_TEST(next.what == action::look_up);
    BOOST_TEST(call.now->looked_up(entry_match::other, {}).what == action::finish);
    call.check_failed(errc::timed_out, outcome::unknown, 1);

    driven over;
    BOOST_TEST(
        over.now->failed(lost(failure::timeout), error{errc::timed_out, ""}, start + 1h, 0).what ==
        action::finish);
    over.check_failed(errc::timed_out, outcome::unknown, 1);
}

BOOST_AUTO_TEST_CASE(there_already_may_mean_by_an_earlier_attempt) {
    driven call;
    call.fails(503);
    call.now->paused();
    BOOST_TEST(call.now->looked_up(entry_match::other, {}).what == action::acquire);
    call.now->granted();
    // The list lagged.
    BOOST_TEST(call.fails(409, errc::conflict).what == action::look_up);
    BOOST_TEST(call.now->looked_up(entry_match::same, {}).what == action::finish);
    call.check_succeeded();
}

BOOST_AUTO_TEST_CASE(there_already_at_first_is_a_conflict) {
    driven call;
    BOOST_TEST(call.fails(409, errc::conflict).what == action::finish);
    call.check_failed(errc::conflict, outcome::rejected, 1);
}

BOOST_AUTO_TEST_CASE(a_look_up_that_fails_leaves_it_open) {
    driven call;
    call.fails(503);
    call.now->paused();
    BOOST_TEST(call.now->not_looked_up(error{errc::forbidden, ""}).what == action::finish);
    call.check_failed(errc::server_error, outcome::unknown, 1);

    driven closed;
    closed.fails(503);
    closed.now->paused();
    closed.now->not_looked_up(error{errc::closed, ""});
    closed.check_failed(errc::closed, outcome::unknown, 1);
}

BOOST_AUTO_TEST_CASE(why_it_failed_outlives_the_wait_for_a_grant) {
    driven call;
    call.fails(429, errc::rate_limited);
    call.now->paused();
    BOOST_TEST(call.now->refused(error{errc::quota_unavailable, ""}).what == action::finish);
    call.check_failed(errc::rate_limited, outcome::rejected, 1);

    driven cancelled;
    cancelled.fails(503);
    BOOST_TEST(cancelled.now->cancelled().what == action::finish);
    cancelled.check_failed(errc::cancelled, outcome::unknown, 1);
}

BOOST_AUTO_TEST_CASE(gone_after_a_lost_delete_is_deleted) {
    request_traits what;
    what.is_delete = true;
    driven call{what};
    call.fails(lost(failure::connection_lost), errc::connection_lost);
    call.now->paused();
    call.now->granted();
    BOOST_TEST(call.fails(404, errc::not_found).what == action::finish);
    call.check_succeeded();

    driven refused{what};
    refused.fails(429, errc::rate_limited);
    refused.now->paused();
    refused.now->granted();
    refused.fails(404, errc::not_found);
    refused.check_failed(errc::not_found, outcome::rejected, 2);
}

BOOST_AUTO_TEST_CASE(what_throws_is_not_tried_again) {
    driven call;
    BOOST_TEST(call.fails(lost(failure::thrown), errc::connection_lost).what == action::finish);
    call.check_failed(errc::connection_lost, outcome::unknown, 1);
}

BOOST_AUTO_TEST_CASE(done_elsewhere_is_looked_up_and_never_sent_again) {
    driven call;
    BOOST_TEST(call.fails(303, errc::malformed_response).what == action::look_up);
    BOOST_TEST(call.now->looked_up(entry_match::other, {}).what == action::finish);
    call.check_failed(errc::malformed_response, outcome::unknown, 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
