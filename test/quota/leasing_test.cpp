// A limiter whose quota is kept elsewhere, by a store that the test plays.

#include "harness.hpp"

#include <cloudflare/leasing_rate_limiter.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::leasing_options;
using cloudflare::quota_lease;
using cloudflare::quota_report;
using cloudflare::rate_limit_report;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

enum class manner { gives, fails, throws, never_returns, late };

class of_store final : public cloudflare::leasing_rate_limiter {
public:
    using leasing_rate_limiter::leasing_rate_limiter;

    manner store = manner::gives;
    std::uint64_t at_most = 1000;
    clock_type::duration lasts = 1h;
    int leases = 0;
    int at_once = 0;
    std::uint64_t wanted = 0;  // in the latest
    std::uint64_t leased = 0;
    std::uint64_t given_back = 0;
    std::vector<quota_report> reports;
    bool reports_hang = false;
    bool probes = false;
    bool tells_when_asking = false;
    std::vector<cloudflare::unreported_quota> told;

protected:
    asio::awaitable<cloudflare::result<quota_lease>> lease(std::uint64_t how_many) override {
        ++leases;
        wanted = how_many;
        if (tells_when_asking) told.push_back(take_unreported());
        BOOST_TEST(++at_once == 1);
        auto const with = store;
        asio::steady_timer latency{co_await asio::this_coro::executor, 2ms};
        // What takes too long is left behind, and does not count.
        if (with == manner::never_returns) at_once = 0;
        if (with == manner::never_returns) latency.expires_at(clock_type::time_point::max());
        if (with == manner::late) {
            at_once = 0;
            latency.expires_after(400ms);
        }
        boost::system::error_code ec;
        co_await latency.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        at_once = 0;
        if (with == manner::fails || ec) {
            co_return cloudflare::error{errc::connect_failed, "the store is down"};
        }
        if (with == manner::throws) throw std::runtime_error("the store is down");
        auto const got = std::min(how_many, at_most);
        leased += got;
        quota_lease lease{got, clock_type::now() + lasts};
        lease.is_probe = probes;
        co_return lease;
    }
    asio::awaitable<void> report(quota_report what) override {
        reports.push_back(std::move(what));
        if (!reports_hang) co_return;
        asio::steady_timer for_ever{co_await asio::this_coro::executor,
                                    clock_type::time_point::max()};
        co_await for_ever.async_wait(asio::use_awaitable);
    }
    asio::awaitable<void> give_back(std::uint64_t unused) override {
        given_back += unused;
        co_return;
    }
};

rate_limit_report answered(unsigned status = 200) {
    rate_limit_report report;
    report.status = status;
    return report;
}

struct scene {
    asio::io_context context{1};
    std::shared_ptr<of_store> limiter;
    int granted = 0;
    std::vector<cloudflare::error> failures;

    explicit scene(leasing_options options = {})
        : limiter{std::make_shared<of_store>(context.get_executor(), options)} {}

    asio::awaitable<void> one_call(clock_type::time_point deadline) {
        if (!limiter->try_acquire({})) {
            auto const got = co_await limiter->acquire({}, deadline, {});
            if (!got) {
                failures.push_back(got.error());
                co_return;
            }
        }
        ++granted;
        asio::steady_timer exchange{co_await asio::this_coro::executor, 1ms};
        co_await exchange.async_wait(asio::use_awaitable);
        auto answer = answered();
        answer.ratelimit = R"("default";r=1000;t=300)";
        limiter->observe(answer);
    }
    void call(int times, clock_type::duration timeout = 1h) {
        for (int i = 0; i < times; ++i) {
            asio::co_spawn(context, one_call(clock_type::now() + timeout), asio::detached);
        }
    }
    int ended() const { return granted + static_cast<int>(failures.size()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(leasing)

BOOST_AUTO_TEST_CASE(many_calls_need_few_commands) {
    scene at_once;
    at_once.call(500);
    run_until(at_once.context, [&] { return at_once.granted == 500; });
    BOOST_TEST(at_once.limiter->leases <= 2);
    BOOST_TEST(at_once.limiter->reports.size() <= 20u);

    scene one_by_one;
    for (int i = 1; i <= 500; ++i) {
        one_by_one.call(1);
        run_until(one_by_one.context, [&] { return one_by_one.granted == i; });
    }
    BOOST_TEST(one_by_one.limiter->leases <= 500 / 50 + 1);
}

BOOST_AUTO_TEST_CASE(never_grants_more_than_was_leased) {
    scene s;
    s.limiter->at_most = 7;
    s.call(100);
    run_until(s.context, [&] { return s.granted == 100; });
    BOOST_TEST(s.limiter->leased >= 100u);
    BOOST_TEST(s.limiter->leased <= 106u);
    BOOST_TEST(s.limiter->leases == 15);
}

BOOST_AUTO_TEST_CASE(asks_again_when_the_store_has_none) {
    scene s;
    s.limiter->at_most = 0;
    s.limiter->lasts = 150ms;
    s.call(3);
    run_until(s.context, [&] { return s.limiter->leases == 2; });
    BOOST_TEST(s.granted == 0);
    s.limiter->at_most = 3;
    s.limiter->lasts = 1h;
    run_until(s.context, [&] { return s.granted == 3; });
}

BOOST_AUTO_TEST_CASE(a_lease_that_has_ended_is_not_used) {
    scene s{leasing_options{}.interval(1h)};
    s.limiter->lasts = 50ms;
    s.call(1);
    run_until(s.context, [&] { return s.granted == 1; });
    auto const over = clock_type::now() + 60ms;
    run_until(s.context, [&] { return clock_type::now() > over; });
    s.call(1);
    run_until(s.context, [&] { return s.granted == 2; });
    BOOST_TEST(s.limiter->leases == 2);
}

void check_bad_store(manner how) {
    scene s{leasing_options{}.timeout(100ms).interval(20ms)};
    s.limiter->store = how;
    s.call(5);
    run_until(s.context, [&] { return s.failures.size() == 5; });
    for (auto const& each : s.failures) BOOST_CHECK(each.code() == errc::quota_unavailable);
    s.limiter->store = manner::gives;
    s.call(5);
    run_until(s.context, [&] { return s.granted == 5; });
    if (how != manner::late) return;
    // What came too late goes back, and the rest of the second lease when nobody wants it.
    run_until(s.context, [&] { return s.limiter->given_back == s.limiter->leased - 5; });
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_fails_who_waits_for_it_and_is_asked_again) {
    check_bad_store(manner::fails);
    check_bad_store(manner::throws);
    check_bad_store(manner::never_returns);
    check_bad_store(manner::late);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_wait_for_a_store_that_never_answers) {
    scene s{leasing_options{}.timeout(1h)};
    s.limiter->store = manner::never_returns;
    s.call(3, 50ms);
    run_until(s.context, [&] { return s.failures.size() == 3; });
    for (auto const& each : s.failures) BOOST_CHECK(each.code() == errc::timed_out);
    BOOST_TEST(s.limiter->leases == 1);
}

BOOST_AUTO_TEST_CASE(cancelled_and_closed_calls_leave_no_hole) {
    scene s{leasing_options{}.timeout(1h)};
    s.limiter->store = manner::never_returns;
    auto const cancelled = start(s.context, s.limiter->acquire({}, clock_type::now() + 1h, {}));
    std::stop_source stop;
    auto const closed =
        start(s.context, s.limiter->acquire({}, clock_type::now() + 1h, stop.get_token()));
    run_ready(s.context);
    BOOST_TEST(s.limiter->snapshot().waiting == 2u);
    cancelled->cancel();
    REQUIRE_ERROR(finish(s.context, std::move(cancelled->result)), errc::cancelled);
    stop.request_stop();
    REQUIRE_ERROR(finish(s.context, std::move(closed->result)), errc::closed);
    BOOST_TEST(s.limiter->snapshot().waiting == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_unused_goes_back) {
    scene s{leasing_options{}.interval(30ms)};
    s.call(3);
    run_until(s.context, [&] { return s.granted == 3; });
    run_until(s.context, [&] { return s.limiter->given_back == s.limiter->leased - 3; });

    scene ending{leasing_options{}.interval(1h)};
    ending.call(3);
    run_until(ending.context, [&] { return ending.granted == 3; });
    run_ready(ending.context);
    auto flushed = asio::co_spawn(ending.context, ending.limiter->flush(), asio::use_future);
    finish(ending.context, std::move(flushed));
    BOOST_TEST(ending.limiter->given_back == ending.limiter->leased - 3);
}

BOOST_AUTO_TEST_CASE(reports_sum_up_what_answers_said) {
    scene s{leasing_options{}.interval(50ms)};
    auto const say = [&](std::string_view limits) {
        auto answer = answered();
        answer.ratelimit = limits;
        answer.ratelimit_policy = R"("a";q=100;w=60)";
        s.limiter->observe(answer);
    };
    say(R"("a";r=50;t=30)");
    say(R"("a";r=48;t=30, "b";r=3;t=1)");
    say(R"("a";r=49;t=30)");
    run_until(s.context, [&] { return s.limiter->reports.size() == 1; });
    auto const& all = s.limiter->reports.front();
    BOOST_TEST(all.answers == 3u);
    BOOST_TEST_REQUIRE(all.limits.size() == 2u);
    BOOST_TEST(all.numbered == 3u);
    BOOST_TEST(all.silent == 0u);
    BOOST_TEST(all.limits[0].remaining == 48u);
    // Counted from the report.
    BOOST_TEST((all.limits[0].reset <= 30s - 50ms));
    BOOST_TEST((all.limits[0].reset > 0s));
    BOOST_TEST(all.limits[1].name == "b");
    BOOST_TEST_REQUIRE(all.policies.size() == 1u);
    BOOST_TEST(!all.refused);
}

BOOST_AUTO_TEST_CASE(a_429_is_reported_at_once_and_holds_all_back) {
    scene s{leasing_options{}.interval(1h)};
    s.call(1);
    run_until(s.context, [&] { return s.granted == 1; });
    auto refused = answered(429);
    refused.retry_after = 300s;
    s.limiter->observe(refused);
    run_until(s.context, [&] { return !s.limiter->reports.empty(); });
    BOOST_TEST(s.limiter->reports.front().refused);
    BOOST_TEST((s.limiter->reports.front().retry_after == 300s));
    BOOST_TEST(s.limiter->given_back == s.limiter->leased - 1);
    s.call(1, 60s);
    run_until(s.context, [&] { return s.failures.size() == 1; });
    BOOST_CHECK(s.failures.front().code() == errc::rate_limited);
    BOOST_CHECK(s.failures.front().retry_after() > 290s);
}

BOOST_AUTO_TEST_CASE(the_first_answer_to_a_probe_is_reported_at_once) {
    scene s{leasing_options{}.interval(1h)};
    s.limiter->probes = true;
    s.call(1);
    run_until(s.context, [&] { return !s.limiter->reports.empty(); });
    BOOST_TEST(s.limiter->reports.front().answers == 1u);
    s.call(1);
    run_until(s.context, [&] { return s.granted == 2; });
    run_ready(s.context);
    BOOST_TEST(s.limiter->reports.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_keeper_can_be_told_and_asked_at_once) {
    scene s{leasing_options{}.interval(1h).batch(1)};
    s.limiter->tells_when_asking = true;
    s.limiter->at_most = 1;
    rate_limit_report lost;
    rate_limit_report unsent;
    unsent.sent = false;
    for (int turn = 0; turn != 4; ++turn) {
        auto granted = start(s.context, s.limiter->acquire({}, clock_type::now() + 1h, {}));
        BOOST_TEST_REQUIRE(finish(s.context, std::move(granted->result)).has_value());
        if (turn == 0) s.limiter->observe(lost);
        if (turn == 1) s.limiter->observe(answered());
    }
    auto const& told = s.limiter->told;
    BOOST_TEST_REQUIRE(told.size() == 4u);
    BOOST_TEST(told[0].report.answers == 0u);
    BOOST_TEST(told[1].report.answers == 1u);
    BOOST_TEST(told[1].report.silent == 0u);
    BOOST_TEST(told[2].report.answers == 1u);
    BOOST_TEST(told[2].report.silent == 1u);
    BOOST_TEST(told[2].report.numbered == 0u);
    BOOST_TEST(told[2].in_flight == 0u);
    BOOST_TEST(told[3].report.answers == 0u);
    BOOST_TEST(told[3].in_flight == 1u);
    BOOST_TEST(s.limiter->reports.empty());
    // One that was not sent can be used by the next.
    s.limiter->observe(unsent);
    auto again = start(s.context, s.limiter->acquire({}, clock_type::now() + 1h, {}));
    BOOST_TEST_REQUIRE(finish(s.context, std::move(again->result)).has_value());
    BOOST_TEST(told.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_report_that_hangs_does_not_end_all_reports) {
    scene s{leasing_options{}.interval(1ms).timeout(20ms)};
    s.limiter->reports_hang = true;
    for (std::size_t reports = 1; reports <= 3; ++reports) {
        while (s.limiter->reports.size() < reports) {
            auto const before = s.ended();
            s.call(1);
            run_until(s.context, [&] { return s.ended() > before; });
        }
    }
}

BOOST_AUTO_TEST_CASE(an_executor_that_goes_away_fails_who_waits_for_its_lease) {
    auto leases = std::make_unique<asio::io_context>(1);
    auto const limiter =
        std::make_shared<of_store>(leases->get_executor(), leasing_options{}.timeout(1h));
    limiter->store = manner::never_returns;
    asio::io_context context{1};
    auto const waiting = start(context, limiter->acquire({}, clock_type::now() + 1h, {}));
    run_ready(context);
    run_ready(*leases);
    BOOST_TEST(limiter->leases == 1);
    leases.reset();
    REQUIRE_ERROR(finish(context, std::move(waiting->result)), errc::quota_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
