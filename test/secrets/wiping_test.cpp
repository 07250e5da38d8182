#include "harness.hpp"
#include "program.hpp"

#include <string>

using namespace cloudflare::test;

namespace {

auto const none = std::string{"token 0, key 0, password 0, basic 0"};

/// Runs a client in a process of its own against the servers, and returns what that process found
/// of its secrets in its memory when the client was gone.
std::string left_behind(std::string const& mode, scripted_server const& api,
                        scripted_server const& way) {
    ::test::scratch const files;
    // The dynamic linker would keep registers, and so pieces of anything, on the stack.
    ::test::program client{
        {WIPING_CLIENT, mode, std::to_string(api.port()), std::to_string(way.port()),
         files.file("ca.pem", trusted_authority().certificate())},
        {{"LD_BIND_NOW", "1"}}};
    auto const found = client.read_line();
    BOOST_TEST(client.wait() == 0, client.errors());
    return found;
}

struct servers {
    servers() { api.answers({success(R"({"id":1})")}); }

    static server_settings plain() {
        server_settings settings;
        settings.encrypts = false;
        return settings;
    }

    scripted_server api;
    scripted_server way{plain()};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wiping)

BOOST_FIXTURE_TEST_CASE(a_secret_in_memory_is_found, servers) {
    auto const is_found = [this](std::string const& mode, std::string const& none_of_it) {
        auto const found = left_behind(mode, api, way);
        BOOST_TEST(found.find(none_of_it) == std::string::npos, found);
    };
    way.otherwise({expect("CONNECT"), answer("HTTP/1.1 200 OK\r\n\r\n"), relay(api.port())});
    is_found("kept-token", "token 0");
    is_found("kept-key", "key 0");
    is_found("kept-proxy", "basic 0");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_left_of_a_token, servers) {
    BOOST_TEST(left_behind("token", api, way) == none);
    BOOST_TEST(api.request_count() == 38u);
    BOOST_TEST(api.requests().front().header("Authorization").starts_with("Bearer A-t0ken"));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_left_of_a_key, servers) {
    BOOST_TEST(left_behind("key", api, way) == none);
    BOOST_TEST(api.requests().front().header("X-Auth-Key").starts_with("0c9e"));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_left_of_calls_that_are_dropped, servers) {
    BOOST_TEST(left_behind("dropped", api, way) == none);
    BOOST_TEST(api.request_count() > 0u);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_left_after_failures, servers) {
    std::size_t turn = 0;
    for (auto const& last : {reset(), close(), drop(), answer("garbage\r\n\r\n"),
                             answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")}) {
        for (int i = 0; i < 4; ++i) {
            script steps;
            for (std::size_t before = turn++ % 3; before > 0; --before) {
                steps.push_back(receive());
                steps.push_back(answer(success("{}")));
            }
            steps.push_back(receive());
            steps.push_back(last);
            steps.push_back([](conversation&) { throw conversation::ended{}; });
            api.on_connection(steps);
        }
    }
    BOOST_TEST(left_behind("token", api, way) == none);
    BOOST_TEST(api.connections() > 20u);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_left_of_a_proxys_password, servers) {
    way.on_connection({expect("CONNECT"), answer("HTTP/1.1 407 No\r\n\r\n"), close()})
        .on_connection({expect("CONNECT"), reset()})
        .otherwise({expect("CONNECT"), answer("HTTP/1.1 200 OK\r\n\r\n"), relay(api.port())});
    BOOST_TEST(left_behind("proxy", api, way) == none);
    BOOST_TEST(way.requests().front().header("Proxy-Authorization").starts_with("Basic dXNlcjpo"));
    BOOST_TEST(api.request_count() > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
