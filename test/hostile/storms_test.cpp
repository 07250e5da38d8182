#include "scenario.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
namespace es = cloudflare::email_security;
using namespace std::chrono_literals;

namespace {

using calls = std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>>;

calls start_many(world& w, es::block_senders const& blocked, int count) {
    calls all;
    for (int i = 0; i < count; ++i) all.push_back(w.start(blocked.get(i + 1)));
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storms)

BOOST_AUTO_TEST_CASE(one_429_stops_all_callers) {
    world w;
    w.server.answers({failure(429, 971, "blocked", "Retry-After: 3600\r\n")});
    auto options = w.options();
    options.rate_limit({}).timeout(50s).pool(cloudflare::pool_options{}.max_connections(4));
    auto const blocked = w.blocked(options);
    for (auto const& each : start_many(w, blocked, 50)) {
        auto const got = w.finish(each);
        REQUIRE_ERROR(got, errc::rate_limited);
        BOOST_TEST(got.error().retry_after().has_value());
    }
    // Only those that were granted before the first answer came, about one a second as long as
    // nothing is known of the quota; a retry of none.
    auto const sent = w.server.request_count();
    BOOST_TEST(sent <= 10u);
    BOOST_TEST(blocked.client().metrics().retries == 0u);
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::rate_limited);
    BOOST_TEST(w.server.request_count() == sent);
}

BOOST_AUTO_TEST_CASE(a_storm_that_passes) {
    for (auto const* const wait : {"", "Retry-After: 0\r\n", "Retry-After-Ms: 5\r\n"}) {
        BOOST_TEST_CONTEXT(wait) {
            world w;
            auto const left = std::make_shared<std::atomic<int>>(40);
            w.server.otherwise({serve([left, wait](seen_request const&) {
                return --*left >= 0 ? failure(429, 971, "slow down", wait) : success("{}");
            })});
            auto options = w.options();
            options.retry(cloudflare::retry_options{}.max_retries(50).backoff(1ms, 1ms));
            auto const blocked = w.blocked(options);
            for (auto const& each : start_many(w, blocked, 20)) REQUIRE_VALUE(w.finish(each));
            auto const counted = blocked.client().metrics();
            BOOST_TEST(w.server.request_count() == 60u);
            BOOST_TEST(counted.rate_limited == 40u);
            BOOST_TEST(counted.retries == 40u);
            BOOST_TEST(counted.failures == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_date_is_obeyed) {
    world w;
    auto const at = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now()) + 1s;
    auto const when = std::chrono::system_clock::to_time_t(at);
    char text[64];
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    w.server.answers({failure(429, 971, "slow down", std::string{"Retry-After: "} + text + "\r\n"),
                      success("{}")});
    REQUIRE_VALUE(w.run(w.blocked().get(1)));
    BOOST_CHECK(std::chrono::system_clock::now() >= at);
    BOOST_TEST(w.server.request_count() == 2u);
}

BOOST_AUTO_TEST_CASE(an_outage_in_the_middle_of_many_calls) {
    // Every other connection breaks, each in another way; nothing is lost but what was on it.
    world w;
    auto const done = success(R"({"id":1})");
    std::vector<script> const ends{{expect(), reset()},
                                   {expect(), answer("HTTP/1.1 200 OK\r\nContent-Le"), drop()},
                                   {expect(), answer(http_answer(503, "<html>")), close()},
                                   {without_handshake(), close()},
                                   {expect(), answer(done), expect(), reset()}};
    for (int i = 0; i < 20; ++i) w.server.on_connection(ends[static_cast<std::size_t>(i) % 5]);
    w.server.answers({done});
    auto options = w.options();
    options.retry(cloudflare::retry_options{}.max_retries(50).backoff(1ms, 1ms))
        .pool(cloudflare::pool_options{}.max_connections(4));
    auto const blocked = w.blocked(options);
    for (auto const& each : start_many(w, blocked, 60)) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.connections() >= 20u);
    BOOST_TEST(w.server.most_connections() <= 8u);  // the server notices the end a moment later
    BOOST_TEST(blocked.client().metrics().failures == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
