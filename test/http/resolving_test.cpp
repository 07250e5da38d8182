#include "blackhole.hpp"
#include "harness.hpp"
#include "name_table.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <netdb.h>
#include <string>
#include <thread>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::client_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");
constexpr auto name = "api.cloudflare.test";

server_settings on(std::string const& address, std::uint16_t port = 0) {
    server_settings settings;
    settings.address = address;
    settings.port = port;
    settings.certificate = trusted_authority().issue({.names = std::string{"DNS:"} + name});
    return settings;
}

/// A client that goes by the name, to the port of `server`.
client_options by_name(scripted_server const& server) {
    return quick_options(server.base_url(name));
}

/// Lookups that hang until they are released, and who has asked for them.
struct hanging {
    gate released;
    std::atomic<int> asked{0};
    std::atomic<int> ended{0};
};

std::shared_ptr<hanging> hang_on(std::vector<std::string> const& names) {
    auto const shared = std::make_shared<hanging>();
    for (auto const& each : names) {
        resolve(each, [shared] {
            ++shared->asked;
            shared->released.wait();
            ++shared->ended;
            return lookup{{"127.0.0.1"}, 0};
        });
    }
    return shared;
}

void release(hanging& which) {
    which.released.open();
    auto const limit = std::chrono::steady_clock::now() + watchdog;
    while (which.ended < which.asked && std::chrono::steady_clock::now() < limit) {
        std::this_thread::yield();
    }
    BOOST_TEST(which.ended == which.asked);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resolving)

BOOST_AUTO_TEST_CASE(the_live_one_of_several_addresses) {
    // Without a race, the first swallowed SYN would cost the whole of the time to connect.
    world w{on("127.0.0.1")};
    blackhole const second{"127.0.0.3", w.server.port()};
    blackhole const third{"127.0.0.4", w.server.port()};
    w.server.answers({done});
    resolve_to(name, {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1"});
    auto const got = w.run(w.blocked(by_name(w.server)).get(1, call_options{}.max_retries(0)));
    REQUIRE_VALUE(got);
    BOOST_TEST(w.server.connections() == 1u);
    BOOST_TEST(w.server.server_name() == name);
    // The attempts that lost do not linger.
    w.context.restart();
    w.context.run();
}

BOOST_AUTO_TEST_CASE(all_addresses_refuse) {
    world w{on("127.0.0.1")};
    resolve_to(name, {"127.0.0.2", "127.0.0.3", "127.0.0.4"});
    auto const made =
        w.run(w.blocked(by_name(w.server))
                  .create({"a@b.test", es::pattern_type::email}, call_options{}.max_retries(1)));
    REQUIRE_ERROR(made, errc::connect_failed);
    BOOST_TEST(made.error().outcome() == outcome::not_sent);
    BOOST_TEST(made.error().attempts() == 2);
}

BOOST_AUTO_TEST_CASE(no_address_answers) {
    world w{on("127.0.0.1")};
    blackhole const second{"127.0.0.3", w.server.port()};
    resolve_to(name, {"127.0.0.2", "127.0.0.3"});
    auto options = by_name(w.server);
    options.pool(pool_options{}.connect_timeout(400ms));
    auto const got = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
    REQUIRE_ERROR(got, errc::timed_out);
    BOOST_TEST(got.error().message().find("connecting to") != std::string::npos);
    w.context.restart();
    w.context.run();
}

BOOST_AUTO_TEST_CASE(the_first_family_comes_first) {
    for (auto const* const first : {"::1", "127.0.0.1"}) {
        BOOST_TEST_CONTEXT(first) {
            world w{on("::1")};
            scripted_server other{on("127.0.0.1", w.server.port())};
            w.server.answers({done});
            other.answers({done});
            std::vector<std::string> addresses{first};
            addresses.push_back(addresses[0] == "::1" ? "127.0.0.1" : "::1");
            resolve_to(name, addresses);
            REQUIRE_VALUE(w.run(w.blocked(by_name(w.server)).get(1)));
            auto& preferred = addresses[0] == "::1" ? w.server : other;
            BOOST_TEST(preferred.request_count() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(ipv6_that_leads_nowhere) {
    world w{on("127.0.0.1")};
    blackhole const broken{"::1", w.server.port()};
    w.server.answers({done});
    // The other family is tried second, however many addresses the first one has: with 250 ms for
    // each, these would take longer than there is.
    std::vector<std::string> addresses(100, "::1");
    addresses.emplace_back("127.0.0.1");
    resolve_to(name, addresses);
    REQUIRE_VALUE(w.run(w.blocked(by_name(w.server)).get(1, call_options{}.max_retries(0))));
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_name_that_fails) {
    for (auto const failure : {EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_MEMORY}) {
        BOOST_TEST_CONTEXT(::gai_strerror(failure)) {
            world w{on("127.0.0.1")};
            resolve(name, [=] { return lookup{{}, failure}; });
            auto const blocked = w.blocked(by_name(w.server));
            auto const made = w.run(blocked.create({"a@b.test", es::pattern_type::email},
                                                   call_options{}.max_retries(1)));
            REQUIRE_ERROR(made, errc::connect_failed);
            BOOST_TEST(made.error().outcome() == outcome::not_sent);
            BOOST_TEST(made.error().attempts() == 2);
            BOOST_TEST(made.error().message().find(std::string{"cannot resolve "} + name) !=
                       std::string::npos);
            resolve_to(name, {"127.0.0.1"});
            w.server.answers({done});
            REQUIRE_VALUE(w.run(blocked.get(1)));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_name_that_fails_once) {
    world w{on("127.0.0.1")};
    w.server.answers({done});
    resolve(name, [calls = std::make_shared<std::atomic<int>>(0)] {
        return ++*calls == 1 ? lookup{{}, EAI_AGAIN} : lookup{{"127.0.0.1"}, 0};
    });
    REQUIRE_VALUE(w.run(w.blocked(by_name(w.server)).get(1)));
}

BOOST_AUTO_TEST_CASE(a_resolver_that_hangs) {
    world w{on("127.0.0.1")};
    auto const hung = hang_on({name});
    auto options = by_name(w.server);
    options.pool(pool_options{}.connect_timeout(50ms));
    auto const got = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
    release(*hung);
    REQUIRE_ERROR(got, errc::timed_out);
    BOOST_TEST(got.error().message().find("resolving") != std::string::npos);
    w.context.restart();
    w.context.run();
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_name_that_hangs_holds_up_no_other) {
    world w{on("127.0.0.1")};
    w.server.answers({done});
    auto const hung = hang_on({"hangs.cloudflare.test"});
    resolve_to(name, {"127.0.0.1"});
    auto const stuck =
        w.start(w.blocked(quick_options(w.server.base_url("hangs.cloudflare.test"))).get(1));
    run_until(w.context, [&] { return hung->asked == 1; });
    REQUIRE_VALUE(w.run(w.blocked(by_name(w.server)).get(1)));
    stuck->cancel();
    REQUIRE_ERROR(w.finish(stuck), errc::cancelled);
    BOOST_TEST(hung->ended == 0);
    release(*hung);
}

BOOST_AUTO_TEST_CASE(a_name_that_hangs_does_not_hold_up_the_end) {
    auto const hung = hang_on({name});
    {
        world w{on("127.0.0.1")};
        auto const blocked = w.blocked(by_name(w.server));
        auto const stuck = w.start(blocked.get(1));
        run_until(w.context, [&] { return hung->asked == 1; });
    }
    {
        // Nor that of a context which has stopped when the client went.
        world w{on("127.0.0.1")};
        {
            auto const blocked = w.blocked(by_name(w.server));
            auto const stuck = w.start(blocked.get(1));
            run_ready(w.context);
            stuck->cancel();
            REQUIRE_ERROR(w.finish(stuck), errc::cancelled);
        }
        w.context.restart();
        w.context.run();
    }
    BOOST_TEST(hung->ended == 0);
    release(*hung);
}

BOOST_AUTO_TEST_CASE(lookups_of_one_name_are_one) {
    world w{on("127.0.0.1")};
    w.server.answers({done});
    auto const hung = hang_on({name});
    auto const blocked = w.blocked(by_name(w.server));
    auto const first = w.start(blocked.get(1));
    auto const second = w.start(blocked.get(2));
    auto const third = w.start(w.blocked(by_name(w.server)).get(3));
    run_until(w.context, [&] { return hung->asked == 1; });
    run_ready(w.context);
    release(*hung);
    for (auto const& each : {first, second, third}) REQUIRE_VALUE(w.finish(each));
    BOOST_TEST(hung->asked == 1);
}

BOOST_AUTO_TEST_CASE(names_that_hang_take_four_threads) {
    std::vector<std::string> names;
    for (int i = 0; i < 6; ++i) names.push_back("hangs" + std::to_string(i) + ".cloudflare.test");
    auto const hung = hang_on(names);
    resolve_to(name, {"127.0.0.1"});
    world w{on("127.0.0.1")};
    w.server.answers({done});
    auto const get = [&w](std::string const& from) {
        auto options = quick_options(w.server.base_url(from));
        options.pool(pool_options{}.connect_timeout(100ms));
        return w.start(w.blocked(options).get(1, call_options{}.max_retries(0)));
    };
    std::vector<std::shared_ptr<under_way<cloudflare::result<es::block_sender>>>> calls;
    for (auto const& each : names) calls.push_back(get(each));
    run_until(w.context, [&] { return hung->asked == 4; });
    calls.push_back(get(name));
    // Who waits for a thread waits no longer than who waits for an answer.
    for (auto const& each : calls) {
        auto const got = w.finish(each);
        REQUIRE_ERROR(got, errc::timed_out);
        BOOST_TEST(got.error().message().find("resolving") != std::string::npos);
    }
    BOOST_TEST(hung->asked == 4);
    release(*hung);
    REQUIRE_VALUE(w.run(w.blocked(by_name(w.server)).get(1)));
    // What nobody waited for any more has not been looked up.
    BOOST_TEST(hung->asked == 4);
}

BOOST_AUTO_TEST_CASE(a_name_that_changes) {
    world w{on("127.0.0.1")};
    scripted_server moved{on("127.0.0.2", w.server.port())};
    w.server.answers({done});
    moved.answers({done});
    auto options = by_name(w.server);
    options.pool(pool_options{}.max_lifetime(0ms));
    auto const blocked = w.blocked(options);
    resolve_to(name, {"127.0.0.1"});
    REQUIRE_VALUE(w.run(blocked.get(1)));
    resolve_to(name, {"127.0.0.2"});
    REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(w.server.request_count() == 1u);
    BOOST_TEST(moved.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_proxy) {
    world w{on("127.0.0.1")};
    w.server.answers({done});
    server_settings plain;
    plain.encrypts = false;
    scripted_server way{plain};
    way.otherwise({expect("CONNECT"), answer("HTTP/1.1 200 OK\r\n\r\n"), relay(w.server.port())});
    resolve_to("proxy.test", {"127.0.0.2", "127.0.0.1"});
    auto options = by_name(w.server);
    options.proxy(cloudflare::proxy{"proxy.test:" + std::to_string(way.port())});
    resolve(name, [] {
        BOOST_ERROR("the client asked for the name that is the proxy's to resolve");
        return lookup{{}, EAI_NONAME};
    });
    REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
    resolve("proxy.test", [] { return lookup{{}, EAI_NONAME}; });
    auto const got = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
    REQUIRE_ERROR(got, errc::connect_failed);
    BOOST_TEST(got.error().message().find("cannot resolve the proxy proxy.test") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
