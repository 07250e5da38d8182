// A quota in a Redis server.

#include "harness.hpp"
#include "quota_store/fleet.hpp"
#include "quota_store/redis_server.hpp"

#include <cloudflare/quota_store.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace cloudflare::test;
namespace asio = boost::asio;
namespace cf = cloudflare;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

struct redis_scene {
    asio::io_context context{1};
    std::vector<std::string> events;

    std::shared_ptr<cf::quota_store> limiter(
        cf::quota_store_options options,
        cf::rate_limit_options quota = cf::rate_limit_options{}.quota(120, 60s)) {
        auto const tell = [this](cf::quota_store_event const& event) {
            auto const is_away = event.what == cf::quota_store_event::kind::away;
            events.push_back((is_away ? "away: " : "back: ") + std::string{event.reason});
        };
        return cf::make_quota_store(context.get_executor(),
                                    cf::credentials::api_token("T0ken-that-nobody-must-see"),
                                    std::move(options.quota(quota).on_event(tell)));
    }
    cf::result<void> acquire(cf::quota_store& of, std::chrono::milliseconds timeout = 1h) {
        auto waits = start(context, of.acquire({}, clock_type::now() + timeout, {}));
        return finish(context, std::move(waits->result));
    }
    void answer(cf::quota_store& to, std::uint64_t remaining, std::chrono::seconds reset) {
        left = remaining;
        cf::rate_limit_report report;
        report.status = 200;
        auto const text =
            "\"default\";r=" + std::to_string(remaining) + ";t=" + std::to_string(reset.count());
        report.ratelimit = text;
        to.observe(report);
    }
    void call(cf::quota_store& of) {
        BOOST_TEST_REQUIRE(acquire(of).has_value());
        answer(of, 50, 1s);
    }
    int take_all(cf::quota_store& of) {
        int taken = 0;
        for (; acquire(of, 30s); ++taken) answer(of, left - 1, 60s);
        return taken;
    }

    std::uint64_t left = 0;  // at the server, as it said last
};

std::string free_port() {
    asio::io_context context;
    asio::ip::tcp::acceptor const probe{context, {asio::ip::address_v4::loopback(), 0}};
    return std::to_string(probe.local_endpoint().port());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_store)

BOOST_AUTO_TEST_CASE(two_limiters_have_one_quota) {
    redis_scene s;
    ::test::redis_server server;
    auto const one = s.limiter(cf::quota_store_options{server.address()});
    auto const other = s.limiter(cf::quota_store_options{server.address()});
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    s.answer(*one, 119, 60s);
    int const first = s.take_all(*one);
    BOOST_TEST(1 + first + s.take_all(*other) == 119);
    BOOST_TEST(s.events.empty());
    BOOST_TEST(one->metrics().failures == 0U);
    auto const keys = server.command({"KEYS", "*"});
    BOOST_TEST_REQUIRE(keys.size() == 1U);
    BOOST_TEST(keys[0].starts_with("cfes:quota:"));
    BOOST_TEST(keys[0].find("T0ken") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_know_the_script_learns_it) {
    redis_scene s;
    ::test::redis_server server;
    auto const one = s.limiter(cf::quota_store_options{server.address()});
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    s.answer(*one, 119, 60s);
    server.command({"SCRIPT", "FLUSH"});
    s.take_all(*one);
    BOOST_TEST(s.events.empty());
    BOOST_TEST(one->metrics().own == 0U);
}

BOOST_AUTO_TEST_CASE(users_passwords_databases_and_ports) {
    redis_scene s;
    auto const port = free_port();
    ::test::redis_server server{{"--port", port, "--bind", "127.0.0.1", "--user", "cfes", "on",
                                 ">s3cret:word", "~cfes:*", "resetchannels", "-@all", "+evalsha",
                                 "+eval", "+select", "+hmget", "+hset", "+pexpire", "+time"}};
    auto const at = "127.0.0.1:" + port;
    for (auto const& address :
         {"redis://cfes:s3cret%3Aword@" + at + "/5", "redis://cfes:s3cret%3Aword@localhost:" + port,
          "redis+unix://cfes:s3cret%3Aword@" + server.socket() + "?db=2"}) {
        auto const one = s.limiter(cf::quota_store_options{address});
        BOOST_TEST(s.acquire(*one).has_value());
        BOOST_TEST(!one->metrics().is_away, address);
    }
    BOOST_TEST(s.events.empty());
    for (auto const& address :
         {"redis://cfes:s3cret@" + at, "redis://nobody:s3cret@" + at, "redis://s3cret@" + at,
          "redis://cfes:s3cret%3Aword@" + at + "/9999"}) {
        s.events.clear();
        auto const one = s.limiter(cf::quota_store_options{address});
        BOOST_TEST(s.acquire(*one).has_value());
        BOOST_TEST(one->metrics().is_away, address);
        BOOST_TEST_REQUIRE(s.events.size() == 1U);
        BOOST_TEST(s.events[0].starts_with("away: the store refuses the login: "), s.events[0]);
        BOOST_TEST(s.events[0].find("s3cret") == std::string::npos, s.events[0]);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_is_not_there_leaves_a_share) {
    redis_scene s;
    for (auto const& address :
         {"unix:/nowhere/redis.sock", "redis://127.0.0.1:1", "redis://nowhere.invalid"}) {
        s.events.clear();
        auto const one = s.limiter(cf::quota_store_options{address}.expected_processes(10));
        BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
        s.answer(*one, 119, 60s);
        BOOST_TEST(1 + s.take_all(*one) == 11, address);
        BOOST_TEST(s.events.size() == 1U);
        BOOST_TEST(one->metrics().own == 11U);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_hangs_is_not_waited_for) {
    redis_scene s;
    ::test::redis_server server;
    auto const one = s.limiter(cf::quota_store_options{server.address()},
                               cf::rate_limit_options{}.quota(80, 1s));
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    s.answer(*one, 79, 1s);
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    server.pause();
    while (s.events.empty()) BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    BOOST_TEST(s.events[0] == "away: the store did not answer in time");
    // Without it things go on, and with it again.
    auto const own = one->metrics().own;
    while (one->metrics().own < own + 5) s.call(*one);
    server.resume();
    while (one->metrics().is_away) s.call(*one);
    BOOST_TEST(s.events.back() == "back: ");
    auto const leased = one->metrics().leased;
    while (one->metrics().leased == leased) s.call(*one);
}

BOOST_AUTO_TEST_CASE(of_a_window_that_the_store_has_forgotten_nothing_more_is_granted) {
    redis_scene s;
    ::test::redis_server server;
    auto const one = s.limiter(cf::quota_store_options{server.address()});
    auto const other = s.limiter(cf::quota_store_options{server.address()});
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    s.answer(*one, 119, 60s);
    BOOST_TEST_REQUIRE(s.acquire(*one).has_value());
    auto const made = clock_type::now();
    run_until(s.context, [&] { return clock_type::now() > made + 2ms; });
    server.command({"FLUSHALL"});
    BOOST_TEST(s.take_all(*one) <= 9);  // of its lease
    BOOST_CHECK(s.acquire(*other, 10s).error().code() == cf::errc::rate_limited);
    BOOST_TEST(s.events.empty());
}

BOOST_AUTO_TEST_CASE(a_quota_without_end_and_no_credentials_are_refused) {
    redis_scene s;
    cf::quota_store_options const options{"unix:/nowhere"};
    BOOST_CHECK_THROW(s.limiter(options, cf::rate_limit_options::unlimited()), cf::exception);
    BOOST_CHECK_THROW(cf::make_quota_store(s.context.get_executor(), cf::credentials{}, options),
                      cf::exception);
}

// Real processes, under a quota that each of them could use up in a moment.

struct redis_fleet {
    ::test::redis_server server;
    ::test::fleet all{{}};

    redis_fleet() { all.start(server.address()); }
    void wait_for(std::uint64_t requests) const {
        while (all.server.stats().requests < requests) std::this_thread::yield();
    }
    void check() {
        auto const came = all.finish();
        BOOST_TEST(came.broken == 0, came.errors);
        BOOST_TEST(came.sum.at("done") == 8 * 22);
        BOOST_TEST(came.sum.at("refused") == 0);
        BOOST_TEST(all.server.stats().refused_by_quota == 0U);
        BOOST_TEST_MESSAGE(came.longest_ms << " ms, " << came.sum.at("exchanges") << " exchanges, "
                                           << came.sum.at("own") << " without the store\n"
                                           << came.errors);
    }
};

BOOST_FIXTURE_TEST_CASE(a_fleet_is_never_refused, redis_fleet) {
    check();
}

BOOST_FIXTURE_TEST_CASE(a_fleet_whose_store_is_killed_is_never_refused, redis_fleet) {
    wait_for(70);
    server.kill();
    check();
}

BOOST_FIXTURE_TEST_CASE(a_fleet_whose_store_comes_back_empty_is_never_refused, redis_fleet) {
    wait_for(70);
    server.kill();
    wait_for(90);
    server.start();
    check();
}

BOOST_FIXTURE_TEST_CASE(a_fleet_whose_store_hangs_for_a_while_is_never_refused, redis_fleet) {
    wait_for(70);
    server.pause();
    wait_for(90);
    server.resume();
    check();
}

BOOST_FIXTURE_TEST_CASE(a_fleet_whose_store_forgets_is_never_refused, redis_fleet) {
    wait_for(70);
    server.command({"FLUSHALL"});
    check();
}

BOOST_AUTO_TEST_SUITE_END()
