// The queue of a limiter: who goes first, and that nobody's executor holds the others up.

#include "harness.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace cloudflare::test;
using cloudflare::call_priority;
using cloudflare::grant_request;
using cloudflare::make_rate_limiter;
using cloudflare::rate_limit_options;
using cloudflare::rate_limit_report;
using cloudflare::rate_limiter;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

rate_limit_report answered() {
    rate_limit_report report;
    report.status = 200;
    return report;
}

/// Only one grant at a time, and no time brings another: what goes back goes to the next.
std::shared_ptr<rate_limiter> one_at_a_time() {
    auto const limiter = make_rate_limiter(
        rate_limit_options{}.quota(1, std::chrono::hours{1}).reserve(0).per_second(0));
    BOOST_TEST_REQUIRE(limiter->try_acquire({}));
    return limiter;
}

void give_back(rate_limiter& limiter) {
    rate_limit_report unsent;
    unsent.sent = false;
    limiter.observe(unsent);
}

struct line {
    std::shared_ptr<rate_limiter> limiter = one_at_a_time();
    std::string served;
    asio::io_context context{1};

    void enter(char name, call_priority priority) {
        grant_request request;
        request.priority = priority;
        asio::co_spawn(context, limiter->acquire(request, clock_type::now() + 1h, {}),
                       [this, name](std::exception_ptr, cloudflare::result<void> granted) {
                           if (granted) served += name;
                       });
        run_ready(context);
    }
    std::string serve(int grants) {
        served.clear();
        for (int i = 0; i < grants; ++i) {
            give_back(*limiter);
            run_ready(context);
        }
        return served;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(queue)

BOOST_AUTO_TEST_CASE(an_urgent_one_does_not_wait_behind_many) {
    line l;
    for (int i = 0; i < 200; ++i) l.enter('r', call_priority::normal);
    l.enter('1', call_priority::high);
    l.enter('2', call_priority::high);
    BOOST_TEST(l.serve(4) == "12rr");
}

BOOST_AUTO_TEST_CASE(equals_are_served_as_they_came) {
    line l;
    for (char name = 'a'; name <= 'e'; ++name) {
        l.enter(name, call_priority::normal);
        l.enter(static_cast<char>(name - 'a' + 'A'), call_priority::low);
    }
    BOOST_TEST(l.serve(10) == "abcdeABCDE");
}

BOOST_AUTO_TEST_CASE(after_eight_grants_to_higher_ones_a_lower_one_is_served) {
    line l;
    for (int i = 0; i < 3; ++i) l.enter('l', call_priority::low);
    for (int i = 0; i < 3; ++i) l.enter('n', call_priority::normal);
    for (int i = 0; i < 30; ++i) l.enter('h', call_priority::high);
    BOOST_TEST(l.serve(36) == "hhhhhhhhnlhhhhhhhhnlhhhhhhhhnlhhhhhh");
}

BOOST_DATA_TEST_CASE(time_serves_others_than_the_first_whose_executor_stands_still,
                     boost::unit_test::data::make({1, 300}), asleep) {
    auto const limiter =
        make_rate_limiter(rate_limit_options{}.quota(1, 200ms).reserve(0).per_second(0));
    asio::io_context stopped{1};
    BOOST_TEST(limiter->try_acquire({}));
    limiter->observe(answered());
    int granted_late = 0;
    for (int i = 0; i < asleep; ++i) {
        asio::co_spawn(stopped, limiter->acquire({}, clock_type::now() + 1h, {}),
                       [&](std::exception_ptr, cloudflare::result<void> granted) {
                           if (!granted) return;
                           ++granted_late;
                           limiter->observe(answered());
                       });
    }
    run_ready(stopped);  // and never again

    asio::io_context live{1};
    for (int i = 0; i < 3; ++i) {
        REQUIRE_VALUE(run(live, limiter->acquire({}, clock_type::now() + 60s, {})));
        limiter->observe(answered());
    }
    BOOST_TEST(granted_late == 0);

    // Whoever was passed over has kept its place.
    run_until(stopped, [&] { return granted_late == 1; });
}

BOOST_AUTO_TEST_CASE(a_grant_of_an_answer_is_not_lost_to_an_executor_that_stands_still) {
    auto const limiter = one_at_a_time();
    asio::io_context stopped{1};
    asio::co_spawn(stopped, limiter->acquire({}, clock_type::now() + 1h, {}), [](auto&&...) {});
    run_ready(stopped);
    asio::io_context live{1};
    auto waiting = start(live, limiter->acquire({}, clock_type::now() + 1h, {}));
    run_ready(live);
    give_back(*limiter);  // goes to the one that does not take it
    REQUIRE_VALUE(finish(live, std::move(waiting->result)));
}

BOOST_AUTO_TEST_SUITE_END()
