#include "harness.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace asio = boost::asio;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::make_rate_limiter;
using cloudflare::rate_limit_options;
using cloudflare::rate_limit_report;
using cloudflare::rate_limiter;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

rate_limit_report answered(unsigned status) {
    rate_limit_report report;
    report.status = status;
    return report;
}

/// A limiter that knows nothing of the quota yet, and asks with its first request.
std::shared_ptr<rate_limiter> asking_limiter() {
    auto limiter = make_rate_limiter();
    BOOST_TEST(limiter->try_acquire({}));
    return limiter;
}

std::future<cloudflare::result<void>> wait_in(asio::io_context& context, rate_limiter& limiter,
                                              clock_type::duration patience) {
    return asio::co_spawn(context, limiter.acquire({}, clock_type::now() + patience, {}),
                          asio::use_future);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(limiter)

BOOST_AUTO_TEST_CASE(waiters_are_served_in_turn) {
    auto const limiter = make_rate_limiter(rate_limit_options{}.quota(2, 50ms).reserve(0));
    asio::io_context context{1};
    BOOST_TEST(limiter->try_acquire({}));
    limiter->observe(answered(200));
    BOOST_TEST(limiter->try_acquire({}));
    limiter->observe(answered(200));
    std::vector<int> order;
    auto const wait = [&](int number) -> asio::awaitable<void> {
        auto const granted = co_await limiter->acquire({}, clock_type::now() + 30s, {});
        BOOST_TEST(granted.has_value());
        order.push_back(number);
        limiter->observe(answered(200));
    };
    for (int i = 0; i < 6; ++i) asio::co_spawn(context, wait(i), [](auto&&...) {});
    context.run();
    BOOST_TEST(order == (std::vector<int>{0, 1, 2, 3, 4, 5}), boost::test_tools::per_element());
    BOOST_TEST(limiter->snapshot().waiting == 0u);
}

BOOST_AUTO_TEST_CASE(a_wake_up_that_comes_too_late_does_not_spin) {
    auto const limiter = make_rate_limiter(rate_limit_options{}.quota(2, 20ms).reserve(0));
    asio::io_context context{1};
    BOOST_TEST(limiter->try_acquire({}));
    limiter->observe(answered(200));
    BOOST_TEST(limiter->try_acquire({}));
    // The handler of this timer comes before that of the waiter's, which has expired as well.
    asio::steady_timer before{context, clock_type::now() - 1s};
    asio::co_spawn(context, limiter->acquire({}, clock_type::now() + 3600s, {}), [](auto&&...) {});
    while (context.poll() > 0) {
    }
    // Until it has been granted, has not taken it, and the grant went on to somebody else.
    asio::io_context another{1};
    auto granted = wait_in(another, *limiter, 3600s);
    another.run();
    BOOST_REQUIRE(granted.get());
    before.expires_at(clock_type::now() - 1h);
    before.async_wait([&](auto) {
        auto refused = answered(429);
        refused.retry_after = 3000s;
        limiter->observe(refused);
    });
    std::size_t handlers = 0;
    while (handlers < 1000 && context.poll_one() > 0) ++handlers;
    BOOST_TEST(handlers < 1000u);
    BOOST_TEST(limiter->snapshot().waiting == 1u);
}

BOOST_AUTO_TEST_CASE(the_impatient_wait_for_the_first_answer_as_long_as_they_can) {
    auto const limiter = asking_limiter();
    asio::io_context context{1};
    // The next probe comes after this deadline, but the answer to the first may come any moment.
    auto granted = wait_in(context, *limiter, 900ms);
    while (context.poll() > 0) {
    }
    auto first = answered(200);
    first.ratelimit = R"("default";r=1000;t=300)";
    first.ratelimit_policy = R"("default";q=1200;w=300)";
    limiter->observe(first);
    context.restart();
    context.run();
    auto const came = granted.get();
    // On a machine that is busy the time may be over all the same.
    if (!came) REQUIRE_ERROR(came, errc::timed_out);
}

BOOST_AUTO_TEST_CASE(who_never_learns_of_the_quota_ran_out_of_time) {
    auto const limiter = asking_limiter();
    asio::io_context context{1};
    auto granted = wait_in(context, *limiter, 10ms);
    context.run();
    REQUIRE_ERROR(granted.get(), errc::timed_out);
}

BOOST_AUTO_TEST_CASE(a_grant_that_nobody_took_is_given_back) {
    auto const limiter = make_rate_limiter(rate_limit_options{}.quota(1, 3600s).reserve(0));
    BOOST_TEST(limiter->try_acquire({}));
    {
        asio::io_context context{1};
        asio::co_spawn(context, limiter->acquire({}, clock_type::now() + 3600s, {}),
                       [](auto&&...) {});
        while (context.poll() > 0) {
        }
        BOOST_TEST(limiter->snapshot().waiting == 1u);
        // Nothing was sent, so the waiter gets the grant; but its context goes away before it runs.
        rate_limit_report unsent;
        unsent.sent = false;
        limiter->observe(unsent);
        BOOST_TEST(limiter->snapshot().waiting == 0u);
    }
    BOOST_TEST(limiter->try_acquire({}));
}

BOOST_AUTO_TEST_CASE(stopping_wakes_all) {
    auto const limiter = make_rate_limiter(rate_limit_options{}.quota(1, 3600s).reserve(0));
    asio::io_context context{1};
    BOOST_TEST(limiter->try_acquire({}));
    std::stop_source stop;
    int closed = 0;
    for (int i = 0; i < 5; ++i) {
        asio::co_spawn(context, limiter->acquire({}, clock_type::now() + 3600s, stop.get_token()),
                       [&](std::exception_ptr, cloudflare::result<void> got) {
                           REQUIRE_ERROR(got, errc::closed);
                           ++closed;
                       });
    }
    while (context.poll() > 0) {
    }
    stop.request_stop();
    context.run();
    BOOST_TEST(closed == 5);
}

BOOST_AUTO_TEST_CASE(a_429_closes_the_gate_for_all) {
    auto const limiter = make_rate_limiter();
    asio::io_context context{1};
    BOOST_TEST(limiter->try_acquire({}));
    auto refused = answered(429);
    refused.retry_after = 300s;
    limiter->observe(refused);
    BOOST_TEST(!limiter->try_acquire({}));
    BOOST_CHECK(limiter->snapshot().blocked_for > 290s);
    int failed = 0;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(context, limiter->acquire({}, clock_type::now() + 60s, {}),
                       [&](std::exception_ptr, cloudflare::result<void> got) {
                           REQUIRE_ERROR(got, errc::rate_limited);
                           BOOST_CHECK(got.error().retry_after() > 290s);
                           ++failed;
                       });
    }
    context.run();
    BOOST_TEST(failed == 3);
}

BOOST_AUTO_TEST_SUITE_END()
