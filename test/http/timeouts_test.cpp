#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

cloudflare::client_options hasty(world const& w) {
    auto options = w.options();
    options.pool(pool_options{}.exchange_timeout(50ms).connect_timeout(50ms).max_connections(1))
        .retry(cloudflare::retry_options{}.max_retries(0));
    return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timeouts)

BOOST_AUTO_TEST_CASE(a_timeout_is_tried_again) {
    world w;
    w.server.on_connection({expect(), hang()}).answers({success("{}")});
    auto options = hasty(w);
    options.retry(cloudflare::retry_options{}.max_retries(1).backoff(1ms, 1ms))
        .pool(pool_options{}.exchange_timeout(500ms));
    REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_for_a_connection) {
    world w;
    gate released;
    w.server.on_connection(
        {expect(), wait_for(released), answer(success("{}")), expect(), answer(success("{}"))});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    auto const first = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    auto const second =
        w.run(blocked.create({"a@b.test", es::pattern_type::email}, call_options{}.timeout(30ms)));
    REQUIRE_ERROR(second, errc::timed_out);
    BOOST_CHECK(second.error().code() == std::errc::timed_out);
    BOOST_CHECK(second.error().outcome() == outcome::not_sent);
    released.open();
    REQUIRE_VALUE(w.finish(first));
    REQUIRE_VALUE(w.run(blocked.get(2)));
}

BOOST_AUTO_TEST_CASE(the_calls_own_time_is_over) {
    world w;
    // The connection is there already: only the server takes time.
    w.server.otherwise({expect("GET"), answer(success("{}")), expect("PATCH"), hang()});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const got = w.run(
        blocked.edit(1, es::block_sender_patch{}.is_regex(true), call_options{}.timeout(500ms)));
    REQUIRE_ERROR(got, errc::timed_out);
    BOOST_CHECK(got.error().outcome() == outcome::unknown);
    BOOST_TEST(got.error().attempts() == 1);
    w.server.wait_for_requests(2);
}

BOOST_AUTO_TEST_CASE(many_at_once) {
    world w;
    w.server.otherwise({expect(), hang()});
    auto options = hasty(w);
    options.pool(pool_options{}.exchange_timeout(50ms).max_connections(8));
    auto const blocked = w.blocked(options);
    std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>> calls;
    for (int i = 0; i < 16; ++i) calls.push_back(w.start(blocked.get(i)));
    for (auto const& each : calls) REQUIRE_ERROR(w.finish(each), errc::timed_out);
    w.server.wait_for_requests(16);
    BOOST_TEST(w.server.request_count() == 16u);
    w.context.restart();
    w.context.run();  // no timer is left behind
}

BOOST_AUTO_TEST_SUITE_END()
