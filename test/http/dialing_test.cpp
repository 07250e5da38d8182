// What the pool does when connections are not to be had, and with those that nobody needs.

#include "harness.hpp"
#include "name_table.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::client_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using cloudflare::retry_options;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");
constexpr auto name = "api.dialing.test";

using calls = std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>>;

calls start_many(world& w, es::block_senders const& blocked, int count) {
    calls all;
    for (int i = 0; i < count; ++i) all.push_back(w.start(blocked.get(1)));
    return all;
}

client_options never_again(client_options from) {
    return from.retry(retry_options{}.max_retries(0));
}

/// Serves, but lets each request wait for a gate, if there is one.
step serve_behind(std::atomic<gate*>& current) {
    return serve([&current](seen_request const&) {
        if (auto* const before = current.load()) before->wait();
        return done;
    });
}

/// Eight connections, all of them idle.
void open_eight(world& w, es::block_senders const& blocked, std::atomic<int>& arrived,
                gate& all_there) {
    auto const eight = start_many(w, blocked, 8);
    run_until(w.context, [&] { return arrived == 8; });
    all_there.open();
    for (auto const& each : eight) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.connections() == 8u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dialing)

BOOST_AUTO_TEST_CASE(one_good_connection_serves_all_when_no_other_is_to_be_had) {
    server_settings settings;
    settings.certificate = trusted_authority().issue({.names = std::string{"DNS:"} + name});
    gate many_have_failed;
    gate others_are_back;
    std::atomic<gate*> current = nullptr;
    world w{settings};
    w.server.otherwise({serve_behind(current)});
    resolve_to(name, {"127.0.0.1"});
    auto const blocked = w.blocked(never_again(quick_options(w.server.base_url(name))));
    REQUIRE_VALUE(w.run(blocked.get(1)));
    // Busy until more rounds of dials have failed than would make a server count as unreachable.
    current = &many_have_failed;
    std::atomic<int> rounds = 0;
    resolve(name, [&] {
        if (++rounds == 10) many_have_failed.open();
        return lookup{{"127.0.0.2"}};  // where nobody listens
    });
    for (auto const& each : start_many(w, blocked, 200)) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.connections() == 1u);
    BOOST_TEST(w.server.request_count() == 201u);
    BOOST_TEST(rounds >= 10);
    // The address is back, and so are the other connections.
    resolve_to(name, {"127.0.0.1"});
    current = &others_are_back;
    auto const more = start_many(w, blocked, 400);
    run_until(w.context, [&] { return w.server.connections() > 1u; });
    others_are_back.open();
    for (auto const& each : more) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.connections() > 1u);
    BOOST_TEST(w.server.most_connections() <= 8u);
}

BOOST_AUTO_TEST_CASE(the_first_good_one_of_many_dials_serves_all) {
    gate others_have_failed;
    std::atomic<gate*> current = &others_have_failed;
    world w;
    w.server.on_connection({without_handshake(), close()})
        .on_connection({serve_behind(current)})
        .otherwise({without_handshake(), close()});
    auto const blocked = w.blocked(never_again(w.options()));
    auto const all = start_many(w, blocked, 200);
    run_until(w.context, [&] { return w.server.connections() >= 12u; });
    others_have_failed.open();
    for (auto const& each : all) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.request_count() == 200u);
}

BOOST_AUTO_TEST_CASE(a_server_that_closes_at_once_sees_few_dials) {
    std::vector<script> const ends{
        {without_handshake(), close()},
        {reset()},
        {expect(), drop()},
    };
    for (auto const& end : ends) {
        BOOST_TEST_CONTEXT("end " << &end - ends.data()) {
            world w;
            w.server.otherwise(end);
            auto const blocked = w.blocked();
            auto const start = std::chrono::steady_clock::now();
            for (auto const& each : start_many(w, blocked, 2000)) {
                auto const got = w.finish(each);
                BOOST_REQUIRE(!got);
                BOOST_CHECK(got.error().code() != errc::timed_out);
            }
            // Eight for those who come first; then four while the pauses double, and four a second.
            auto const seconds =
                std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
            BOOST_TEST(w.server.connections() <= 8u + 4u + 4u * seconds.count());
            w.context.restart();
            w.context.run();  // no timer and no dial is left behind
        }
    }
}

BOOST_AUTO_TEST_CASE(calls_outlast_a_short_outage) {
    world w;
    for (int i = 0; i < 11; ++i) w.server.on_connection({without_handshake(), close()});
    w.server.answers({done});
    auto const blocked = w.blocked();
    for (auto const& each : start_many(w, blocked, 200)) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(w.server.request_count() == 200u);
    // Most have not even noticed.
    BOOST_TEST(blocked.client().metrics().retries < 50u);
}

BOOST_AUTO_TEST_CASE(who_waits_in_vain_learns_why) {
    world w;
    w.server.otherwise({without_handshake(), close()});
    auto options = never_again(w.options());
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    auto const first = w.start(blocked.get(1));
    auto const second = w.start(blocked.get(2, call_options{}.timeout(10ms)));
    auto const third = w.start(blocked.create({"a@b.test", es::pattern_type::email}));
    for (auto const& each : {first, third}) {
        auto const got = w.finish(each);
        REQUIRE_ERROR(got, errc::tls_failed);
        BOOST_TEST(got.error().message().find("TLS handshake") != std::string::npos);
        BOOST_CHECK(got.error().outcome() == outcome::not_sent);
    }
    auto const late = w.finish(second);
    BOOST_REQUIRE(!late);
    BOOST_CHECK(late.error().outcome() == outcome::not_sent);
}

BOOST_AUTO_TEST_CASE(a_call_that_left_lets_the_context_end) {
    // No pause between dials goes on for a call that is not there any more.
    world w;
    w.server.otherwise({without_handshake(), close()});
    auto const blocked = w.blocked(never_again(w.options()));
    for (int i = 0; i < 4; ++i) BOOST_CHECK(!w.run(blocked.get(1)));
    auto const waiting = w.start(blocked.get(1));
    run_ready(w.context);
    waiting->cancel();
    REQUIRE_ERROR(w.finish(waiting), errc::cancelled);
    w.context.restart();
    w.context.run();
}

BOOST_AUTO_TEST_CASE(no_dial_outlives_the_calls_that_wait_for_it) {
    // A dial has hours here, so it only ends with them.
    for (auto const how : {"cancelled", "timed out", "closed"}) {
        BOOST_TEST_CONTEXT(how) {
            world w;
            w.server.otherwise({without_handshake(), hang()});
            auto options = w.options();
            options.pool(pool_options{}.connect_timeout(6h)).retry(retry_options{}.max_retries(0));
            auto const blocked = w.blocked(options);
            auto const in_time =
                how == std::string_view{"timed out"} ? call_options{}.timeout(1ms) : call_options{};
            auto const calling = w.start(blocked.get(1, in_time));
            auto const other = w.start(blocked.get(1, in_time));
            if (how == std::string_view{"closed"}) {
                run_until(w.context, [&] { return w.server.connections() == 2; });
                auto const close_now =
                    [](cloudflare::client which) -> boost::asio::awaitable<bool> {
                    co_await which.close(0ms);
                    co_return true;
                };
                w.run(close_now(blocked.client()));
            } else if (how == std::string_view{"cancelled"}) {
                run_until(w.context, [&] { return w.server.connections() == 2; });
                calling->cancel();
                other->cancel();
            }
            BOOST_CHECK(!w.finish(calling));
            BOOST_CHECK(!w.finish(other));
            w.context.restart();
            w.context.run();
        }
    }
}

BOOST_AUTO_TEST_CASE(a_dial_that_was_given_up_does_not_count_as_a_failure) {
    world w;
    w.server.on_connection({without_handshake(), hang()}).otherwise({serve([](seen_request const&) {
        return done;
    })});
    auto options = w.options();
    options.pool(pool_options{}.connect_timeout(6h).max_connections(1));
    auto const blocked = w.blocked(options);
    auto const calling = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.connections() == 1; });
    calling->cancel();
    REQUIRE_ERROR(w.finish(calling), errc::cancelled);
    // One comes before the dial is gone, and waits for it; it is given another.
    auto const next = w.start(blocked.get(1));
    run_ready(w.context);
    next->cancel();
    REQUIRE_ERROR(w.finish(next), errc::cancelled);
    w.context.restart();
    w.context.run();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(idle)

BOOST_AUTO_TEST_CASE(connections_end_while_another_is_in_steady_use) {
    world w;
    std::atomic<int> arrived{0};
    gate all_there;
    w.server.otherwise({serve([&](seen_request const&) {
        ++arrived;
        all_there.wait();
        return done;
    })});
    std::atomic<int> closed{0};
    auto options = w.options();
    options.pool(pool_options{}.idle_timeout(100ms)).on_event([&](cloudflare::event const& e) {
        closed += e.what == cloudflare::event::kind::connection_closed;
    });
    auto const blocked = w.blocked(options);
    open_eight(w, blocked, arrived, all_there);
    auto const limit = std::chrono::steady_clock::now() + watchdog;
    while (closed < 7 && std::chrono::steady_clock::now() < limit) {
        REQUIRE_VALUE(w.run(blocked.get(1)));
    }
    BOOST_TEST(closed >= 7);
    run_until(w.context, [&] { return w.server.open_connections() <= 1; });
}

BOOST_AUTO_TEST_CASE(connections_end_while_another_is_in_one_long_use) {
    world w;
    std::atomic<int> arrived{0};
    gate all_there;
    gate released;
    w.server.otherwise({serve([&](seen_request const&) {
        auto const which = ++arrived;
        (which <= 8 ? all_there : released).wait();
        return done;
    })});
    auto options = w.options();
    options.pool(pool_options{}.idle_timeout(100ms).exchange_timeout(watchdog));
    auto const blocked = w.blocked(options);
    open_eight(w, blocked, arrived, all_there);
    auto const last = w.start(blocked.get(1));
    run_until(w.context, [&] { return arrived == 9; });
    run_until(w.context, [&] { return w.server.open_connections() == 1; });
    released.open();
    REQUIRE_VALUE(w.finish(last));
    // What is idle now keeps nothing running.
    w.context.restart();
    w.context.run();
}

BOOST_AUTO_TEST_SUITE_END()
