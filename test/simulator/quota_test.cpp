#include "client.hpp"
#include "quota_window.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace sim = cloudflare::simulator;
using test::answer;
using test::client;
using test::path_of;
using namespace std::chrono_literals;

namespace {

constexpr sim::quota_window::time_point start{1h};

}  // namespace

BOOST_AUTO_TEST_SUITE(quota)

BOOST_AUTO_TEST_CASE(counts_within_a_window_from_the_first_request) {
    sim::quota const limit{3, 10s};
    struct {
        std::chrono::milliseconds at;
        bool allowed;
        std::uint64_t remaining;
        std::chrono::seconds reset;
    } const steps[] = {
        {0ms, true, 2, 10s},
        {500ms, true, 1, 10s},
        {9000ms, true, 0, 1s},
        // The window is over; the next begins with this request.
        {10500ms, true, 2, 10s},
        {11000ms, true, 1, 10s},
        {11000ms, true, 0, 10s},
        // One too many: a whole window from here, and trying does not make it longer.
        {12000ms, false, 0, 10s},
        {13000ms, false, 0, 9s},
        {21999ms, false, 0, 1s},
        {22000ms, true, 2, 10s},
    };
    sim::quota_window window;
    for (auto const& step : steps) {
        BOOST_TEST_CONTEXT("at " << step.at.count() << " ms") {
            auto const got = window.take(limit, start + step.at);
            BOOST_TEST(got.allowed == step.allowed);
            BOOST_TEST(got.remaining == step.remaining);
            BOOST_TEST(got.reset.count() == step.reset.count());
        }
    }
}

BOOST_AUTO_TEST_CASE(windows_shorter_than_a_second) {
    sim::quota const limit{1, 250ms};
    sim::quota_window window;
    BOOST_TEST(window.take(limit, start).allowed);
    auto const refused = window.take(limit, start + 100ms);
    BOOST_TEST(!refused.allowed);
    BOOST_TEST(refused.reset.count() == 1);
    BOOST_TEST(!window.take(limit, start + 349ms).allowed);
    BOOST_TEST(window.take(limit, start + 350ms).allowed);
}

BOOST_AUTO_TEST_CASE(is_told_and_enforced) {
    sim::server const server(sim::options{}.request_quota(sim::quota{3, 1h}));
    client c(server);
    struct {
        char const* target;
        unsigned status;
        char const* ratelimit;
    } const steps[] = {
        {"block_senders", 200, "\"default\";r=2;t=3600"},
        // A request that fails counts too.
        {"nothing", 404, "\"default\";r=1;t=3600"},
        {"block_senders", 200, "\"default\";r=0;t=3600"},
        {"block_senders", 429, "\"default\";r=0;t=3600"},
        {"nothing", 429, "\"default\";r=0;t=3600"},
    };
    for (auto const& step : steps) {
        answer const got = c.send("GET", path_of(step.target));
        BOOST_TEST(got.status == step.status);
        BOOST_TEST(got.headers.at("ratelimit") == step.ratelimit);
        BOOST_TEST(got.headers.at("ratelimit-policy") == "\"default\";q=3;w=3600");
        BOOST_TEST(got.headers.contains("retry-after") == (step.status == 429));
        if (step.status == 429) {
            BOOST_TEST(got.headers.at("retry-after") == "3600");
            BOOST_TEST(got.json("/errors/0/code") == 10429);
        }
    }
    BOOST_TEST(server.stats().requests == 5U);
    BOOST_TEST(server.stats().refused_by_quota == 2U);

    // Others have quotas of their own, those without credentials one together.
    c.headers = {{"Authorization", "Bearer another"}};
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    c.headers = {{"X-Auth-Email", "user@example.com"}, {"X-Auth-Key", "0123456789abcdef"}};
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    c.headers = {};
    BOOST_TEST(c.send("GET", path_of("block_senders")).headers.at("ratelimit") ==
               "\"default\";r=2;t=3600");
}

BOOST_AUTO_TEST_CASE(can_be_lifted) {
    sim::server const server(sim::options{}.request_quota(std::nullopt));
    client c(server);
    answer const got = c.send("GET", path_of("block_senders"));
    BOOST_TEST(!got.headers.contains("ratelimit"));
    BOOST_TEST(!got.headers.contains("ratelimit-policy"));
}

BOOST_AUTO_TEST_SUITE_END()
