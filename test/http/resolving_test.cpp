#include "blackhole.hpp"
#include "harness.hpp"
#include "name_table.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <netdb.h>
#include <string>
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
    gate answered;
    world w{on("127.0.0.1")};
    resolve(name, [&answered] {
        answered.wait();
        return lookup{{"127.0.0.1"}, 0};
    });
    auto options = by_name(w.server);
    options.pool(pool_options{}.connect_timeout(50ms));
    auto const got = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
    answered.open();
    REQUIRE_ERROR(got, errc::timed_out);
    BOOST_TEST(got.error().message().find("resolving") != std::string::npos);
    w.context.restart();
    w.context.run();
    BOOST_TEST(w.server.connections() == 0u);
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
