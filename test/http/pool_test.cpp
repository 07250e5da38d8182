#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

es::new_block_sender new_pattern() {
    return {"a@b.test", es::pattern_type::email};
}

auto const done = success(R"({"id":1})");

}  // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(a_connection_is_kept) {
    world w;
    w.server.answers({done});
    auto const blocked = w.blocked();
    for (int i = 0; i < 5; ++i) REQUIRE_VALUE(w.run(blocked.get(i)));
    BOOST_TEST(w.server.connections() == 1u);
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.connections_opened == 1u);
    BOOST_TEST(counted.connections_reused == 4u);
}

BOOST_AUTO_TEST_CASE(nothing_is_opened_before_it_is_needed) {
    world w;
    auto const one = w.connect();
    BOOST_TEST(w.context.poll() == 0u);
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(no_idle_connection_keeps_the_context_running) {
    world w;
    w.server.answers({done});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    w.context.restart();
    w.context.run();
    BOOST_TEST(w.server.open_connections() == 1u);
}

BOOST_AUTO_TEST_CASE(closed_while_idle) {
    world w;
    w.server.on_connection({expect("GET"), answer(done), close()})
        .on_connection({expect("GET"), answer(done), drop()})
        .on_connection({expect("GET"), answer(done), reset()})
        .on_connection({expect("POST"), answer(done), close()})
        .on_connection({expect("POST"), answer(done)});
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) {
        REQUIRE_VALUE(w.run(blocked.get(i)));
        w.server.wait_until_idle();
    }
    REQUIRE_VALUE(w.run(blocked.create(new_pattern())));
    w.server.wait_until_idle();
    REQUIRE_VALUE(w.run(blocked.create(new_pattern())));
    BOOST_TEST(w.server.request_count() == 5u);
    BOOST_TEST(blocked.client().metrics().retries == 0u);
}

BOOST_AUTO_TEST_CASE(closed_just_as_the_request_goes_out) {
    for (auto const& end : {close(), drop(), reset()}) {
        world w;
        w.server.on_connection({expect("GET"), answer(done), expect("GET"), end})
            .on_connection({expect("GET"), answer(done), expect("POST"), end})
            .on_connection({expect("GET"), answer(success("[]")), expect("POST"), answer(done)});
        auto const blocked = w.blocked();
        REQUIRE_VALUE(w.run(blocked.get(1)));
        REQUIRE_VALUE(w.run(blocked.get(2)));
        // The server may have processed it: it is looked up before it is sent again.
        REQUIRE_VALUE(w.run(blocked.create(new_pattern())));
        BOOST_TEST(w.server.request_count() == 6u);
    }
}

BOOST_AUTO_TEST_CASE(a_stale_write_is_not_doubled_without_leave) {
    world w;
    w.server.on_connection({expect("GET"), answer(done), expect("POST"), reset()});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const made = w.run(blocked.create(new_pattern(), call_options{}.settle_unknown(false)));
    REQUIRE_ERROR(made, errc::connection_lost);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(never_more_than_the_limit) {
    world w;
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    gate two_there;
    w.server.otherwise({serve([&](seen_request const&) {
        auto const at_once = ++now;
        int seen = most;
        while (at_once > seen && !most.compare_exchange_weak(seen, at_once)) {
        }
        if (at_once == 2) two_there.open();
        two_there.wait();
        --now;
        return done;
    })});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(2));
    auto const blocked = w.blocked(options);
    std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(w.start(blocked.get(i)));
    for (auto const& each : calls) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(most == 2);
    BOOST_TEST(w.server.connections() == 2u);
    BOOST_TEST(w.server.request_count() == 20u);
}

BOOST_AUTO_TEST_CASE(first_come_first_served) {
    world w;
    w.server.answers({done});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(w.start(blocked.get(i)));
    for (auto const& each : calls) REQUIRE_VALUE(w.finish(each));
    auto const requests = w.server.requests();
    BOOST_REQUIRE(requests.size() == 20u);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        BOOST_TEST(requests[i].target.ends_with('/' + std::to_string(i)));
    }
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(waiters_survive_connections_that_die) {
    world w;
    w.server.answers({success("{}", "Connection: close\r\n")});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(2));
    auto const blocked = w.blocked(options);
    std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>> calls;
    for (int i = 0; i < 30; ++i) calls.push_back(w.start(blocked.get(i)));
    for (auto const& each : calls) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.request_count() == 30u);
}

BOOST_AUTO_TEST_CASE(an_old_connection_is_not_used_again) {
    for (auto const& limits :
         {pool_options{}.idle_timeout(0ms), pool_options{}.max_lifetime(0ms)}) {
        world w;
        w.server.answers({done});
        auto options = w.options();
        options.pool(limits);
        auto const blocked = w.blocked(options);
        REQUIRE_VALUE(w.run(blocked.get(1)));
        REQUIRE_VALUE(w.run(blocked.get(2)));
        BOOST_TEST(w.server.connections() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(something_unasked_for_ends_an_idle_connection) {
    world w;
    gate idle;
    gate said;
    w.server
        .on_connection({expect(), answer(done), wait_for(idle),
                        answer("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
                        open(said), hang()})
        .on_connection({expect(), answer(done)});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    idle.open();
    said.wait();
    REQUIRE_VALUE(w.run(blocked.get(2)));
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_came_too_late_serves_a_later_call) {
    // By then it holds what the server has sent since the handshake: tickets to resume the session.
    world w;
    gate both_wait;
    gate first_is_free;
    gate second_is_there;
    auto const serves = serve([](seen_request const&) { return done; });
    w.server.on_connection({expect(), wait_for(both_wait), answer(done), serves})
        .on_connection({without_handshake(), wait_for(first_is_free), handshake(),
                        open(second_is_there), serves});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(2));
    auto const blocked = w.blocked(options);
    auto const first = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    auto const second = w.start(blocked.get(2));
    run_until(w.context, [&] { return w.server.connections() == 2; });
    both_wait.open();
    REQUIRE_VALUE(w.finish(first));
    REQUIRE_VALUE(w.finish(second));
    first_is_free.open();
    run_until(w.context, [&] {
        return second_is_there.is_open() && blocked.client().metrics().connections_opened == 2;
    });
    REQUIRE_VALUE(w.run(blocked.get(3)));
    BOOST_TEST(w.server.requests().back().connection == 2u);
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(ended_while_it_is_handed_on) {
    for (auto const& end : {answer(success(R"({"id":"smuggled"})")), close(), drop(), reset()}) {
        world w;
        gate one_waits;
        gate handed_on;
        gate has_ended;
        w.server
            .on_connection({expect("GET"), wait_for(one_waits), answer(done), wait_for(handed_on),
                            end, open(has_ended), hang()})
            .on_connection({expect("POST"), answer(done)});
        auto options = w.options();
        options.pool(pool_options{}.max_connections(1));
        options.on_event([&](cloudflare::event const& happened) {
            if (happened.what != cloudflare::event::kind::completed || has_ended.is_open()) return;
            // The connection is the next call's, which has not gone on yet.
            handed_on.open();
            has_ended.wait();
            // Beyond the microseconds in which the pool does not look again.
            std::this_thread::sleep_for(1ms);
        });
        auto const blocked = w.blocked(options);
        auto const first = w.start(blocked.get(1));
        run_until(w.context, [&] { return w.server.request_count() == 1; });
        auto const second = w.start(blocked.create(new_pattern()));
        run_ready(w.context);
        one_waits.open();
        REQUIRE_VALUE(w.finish(first));
        auto const made = w.finish(second);
        REQUIRE_VALUE(made);
        BOOST_TEST(made->id.text() == "1");
        BOOST_TEST(w.server.request_count() == 2u);
        BOOST_TEST(w.server.connections() == 2u);
        BOOST_TEST(blocked.client().metrics().retries == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
