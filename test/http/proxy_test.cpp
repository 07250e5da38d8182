#include "harness.hpp"
#include "program.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <boost/algorithm/string/replace.hpp>

#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::client_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::proxy;
using namespace std::chrono_literals;

namespace {

constexpr auto password = "pa:ss w@rd";
/// `user:pa:ss w@rd`
constexpr auto basic = "Basic dXNlcjpwYTpzcyB3QHJk";
auto const established = std::string{"HTTP/1.1 200 Connection established\r\n\r\n"};
auto const done = success(R"({"id":1})");

server_settings plain() {
    server_settings settings;
    settings.encrypts = false;
    return settings;
}

/// The API, and a proxy in front of it.
struct proxied : world {
    scripted_server way{plain()};

    std::string url(std::string const& user_info = {}) const {
        return "http://" + user_info + "127.0.0.1:" + std::to_string(way.port());
    }
    client_options options(std::string const& user_info = {}) const {
        return world::options().proxy(proxy{url(user_info)});
    }
    script tunnel() const { return {expect("CONNECT"), answer(established), relay(server.port())}; }
    std::string authority() const { return "127.0.0.1:" + std::to_string(server.port()); }
};

bool has(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

/// Sets variables of this process' environment for as long as it exists.
class environment {
public:
    explicit environment(std::map<std::string, std::string> const& wanted) {
        for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
                                       "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_BASE_URL"}) {
            auto const* const value = std::getenv(name);
            before_[name] = value ? value : "";
            ::unsetenv(name);
        }
        for (auto const& [name, value] : wanted) ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~environment() {
        for (auto const& [name, value] : before_) {
            if (value.empty()) {
                ::unsetenv(name.c_str());
            } else {
                ::setenv(name.c_str(), value.c_str(), 1);
            }
        }
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;

private:
    std::map<std::string, std::string> before_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(proxies)

BOOST_AUTO_TEST_CASE(a_tunnel_without_credentials) {
    proxied w;
    w.way.otherwise(w.tunnel());
    w.server.answers({done});
    auto const blocked = w.blocked(w.options());
    for (int i = 0; i < 3; ++i) REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(w.server.connections() == 1u);
    BOOST_REQUIRE(w.way.request_count() == 1u);
    auto const asked = w.way.requests().at(0);
    BOOST_TEST(asked.target == w.authority());
    BOOST_TEST(asked.header("Host") == w.authority());
    BOOST_TEST(asked.header("Proxy-Authorization") == "(absent)");
    BOOST_TEST(asked.headers.size() == 1u);
    BOOST_TEST(w.server.requests().at(0).header("Host") == w.authority());
}

BOOST_AUTO_TEST_CASE(each_sees_only_its_own_credentials) {
    proxied w;
    w.way.otherwise(w.tunnel());
    w.server.answers({done});
    auto const blocked = w.blocked(w.options("user:pa%3Ass%20w%40rd@"));
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const asked = w.way.requests().at(0);
    BOOST_TEST(asked.header("Proxy-Authorization") == basic);
    BOOST_TEST(asked.header("Authorization") == "(absent)");
    BOOST_TEST(!w.way.relayed().empty());
    BOOST_TEST(!has(w.way.relayed(), token));
    auto const got = w.server.requests().at(0);
    BOOST_TEST(got.header("Authorization") == std::string{"Bearer "} + token);
    for (auto const& [name, value] : got.headers) {
        BOOST_TEST(!has(name + value, "dXNl"), name);
        BOOST_TEST(!has(name, "Proxy"), name);
    }
}

BOOST_AUTO_TEST_CASE(the_proxy_resolves_the_name) {
    proxied w;
    server_settings settings;
    settings.certificate = trusted_authority().issue({.names = "DNS:api.nowhere.invalid"});
    scripted_server api{settings};
    api.answers({done});
    w.way.otherwise({expect("CONNECT"), answer(established), relay(api.port())});
    auto options = w.options();
    options.base_url("https://api.nowhere.invalid/client/v4");
    REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
    BOOST_TEST(w.way.requests().at(0).target == "api.nowhere.invalid:443");
    BOOST_TEST(api.server_name() == "api.nowhere.invalid");
    BOOST_TEST(api.requests().at(0).header("Host") == "api.nowhere.invalid");
}

BOOST_AUTO_TEST_CASE(the_certificate_is_verified_through_a_proxy_too) {
    proxied w;
    server_settings settings;
    settings.certificate = authority{}.issue();
    scripted_server impostor{settings};
    impostor.otherwise({});
    w.way.otherwise({expect("CONNECT"), answer(established), relay(impostor.port())});
    auto const got = w.run(w.blocked(w.options()).get(1));
    REQUIRE_ERROR(got, errc::tls_failed);
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_TEST(impostor.request_count() == 0u);
}

BOOST_AUTO_TEST_CASE(answers_of_a_proxy) {
    auto const repeated = [](std::string const& text, int times) {
        std::string all;
        for (int i = 0; i != times; ++i) all += text;
        return all;
    };
    struct row {
        std::string bytes;
        bool opens;
        int attempts;      // of 3
        std::string says;  // of the error
    };
    auto const head = std::string{"HTTP/1.1 "};
    for (auto const& [bytes, opens, attempts, says] : std::vector<row>{
             {"HTTP/1.0 200 OK\r\n\r\n", true, 1, ""},
             {head + "200 OK\r\nContent-Length: 17\r\n\r\n", true, 1, ""},
             {head + "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, 1, ""},
             {head + "204 Fine\r\n\r\n", true, 1, ""},
             {head + "100 Continue\r\n\r\n" + head + "103 Hints\r\n\r\n" + head + "200 OK\r\n\r\n",
              true, 1, ""},
             {repeated(head + "100 Continue\r\n\r\n", 20) + head + "200 OK\r\n\r\n", true, 1, ""},
             {repeated(head + "100 Continue\r\n\r\n", 21), false, 3, "interim answers to CONNECT"},
             {head + "407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno", false, 1,
              "HTTP 407: it wants (other) credentials"},
             {head + "403 Filtered\r\nContent-Length: 0\r\n\r\n", false, 1, "HTTP 403"},
             {head + "302 Login\r\nLocation: http://hotel.test/\r\n\r\n", false, 1, "HTTP 302"},
             {head + "502 Bad Gateway\r\n\r\n", false, 3, "HTTP 502"},
             {head + "503 Busy\r\n\r\n", false, 3, "HTTP 503"},
             {head + "429 Slow down\r\n\r\n", false, 3, "HTTP 429"},
             {"SSH-2.0-OpenSSH\r\n\r\n", false, 3, "did not answer CONNECT"},
             {head + "200 OK\r\n\r\nand now for something", false, 3, "sent more than its answer"},
             {head + "200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", false, 3,
              "did not answer CONNECT"},
             {"", false, 3, "did not answer CONNECT"}}) {
        BOOST_TEST_CONTEXT("proxy answers " << bytes.substr(0, 40)) {
            proxied w;
            if (opens) {
                w.server.answers({done});
                w.way.otherwise({expect("CONNECT"), answer(bytes), relay(w.server.port())});
            } else {
                w.way.otherwise({expect("CONNECT"), answer(bytes), close()});
            }
            auto const blocked = w.blocked(w.options("user:pa%3Ass%20w%40rd@"));
            auto const made = w.run(blocked.create({"a@b.test", es::pattern_type::email},
                                                   call_options{}.max_retries(2)));
            BOOST_TEST(w.way.request_count() == static_cast<std::size_t>(attempts));
            if (opens) {
                REQUIRE_VALUE(made);
                continue;
            }
            REQUIRE_ERROR(made, errc::connect_failed);
            BOOST_TEST(made.error().outcome() == outcome::not_sent);
            BOOST_TEST(made.error().attempts() == attempts);
            BOOST_TEST(made.error().status() == 0u);  // it is the API's
            BOOST_TEST(has(made.error().message(), says), made.error().message());
            BOOST_TEST(has(made.error().message(), "the proxy 127.0.0.1:"), made.error().message());
            BOOST_TEST(w.server.connections() == 0u);
            // The pool is sound: with the proxy well again, it works.
            w.way.otherwise(w.tunnel());
            w.server.answers({done});
            REQUIRE_VALUE(w.run(blocked.get(1)));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_hangs) {
    proxied w;
    w.way.on_connection({expect("CONNECT"), hang()})
        .on_connection({expect("CONNECT"), answer("HTTP/1.1 200 OK\r\nX: "), hang()})
        .on_connection({expect("CONNECT"), answer(established), hang()})
        .otherwise(w.tunnel());
    w.server.answers({done});
    auto options = w.options();
    options.pool(cloudflare::pool_options{}.connect_timeout(1s).max_connections(1))
        .retry(cloudflare::retry_options{}.max_retries(0));
    auto const blocked = w.blocked(options);
    for (auto const* const says : {"to open a tunnel", "to open a tunnel", "TLS handshake"}) {
        auto const made = w.run(blocked.create({"a@b.test", es::pattern_type::email}));
        REQUIRE_ERROR(made, errc::timed_out);
        BOOST_TEST(made.error().outcome() == outcome::not_sent);
        BOOST_TEST(has(made.error().message(), says), made.error().message());
    }
    w.way.wait_until_idle();
    BOOST_TEST(w.way.request_count() == 3u);
    BOOST_TEST(w.server.connections() == 0u);
    REQUIRE_VALUE(w.run(blocked.get(1)));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_answers_without_end_does_not_outlive_the_call) {
    proxied w;
    w.way.otherwise({expect("CONNECT"), answer_without_end("HTTP/1.1 100 Continue\r\n\r\n")});
    auto options = w.options();
    options.pool(cloudflare::pool_options{}.connect_timeout(1h))
        .retry(cloudflare::retry_options{}.max_retries(0));
    auto const got = w.run(w.blocked(options).get(1));
    REQUIRE_ERROR(got, errc::connect_failed);
    w.context.restart();
    w.context.run();
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_not_there) {
    proxied w;
    std::string gone;
    {
        scripted_server closed{plain()};
        gone = "127.0.0.1:" + std::to_string(closed.port());
    }
    auto const got = w.run(w.blocked(world{}.options().proxy(proxy{gone})).get(1));
    REQUIRE_ERROR(got, errc::connect_failed);
    BOOST_TEST(got.error().outcome() == outcome::not_sent);
    BOOST_TEST(got.error().status() == 0u);
    BOOST_TEST(has(got.error().message(), "cannot connect to the proxy " + gone),
               got.error().message());
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_closed_client_lets_go_of_the_proxy) {
    proxied w;
    w.way.otherwise({expect("CONNECT"), hang()});
    auto const one = w.connect(w.options());
    es::block_senders const blocked{one, account};
    auto const call = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.way.request_count() == 1; });
    auto const closing = [](cloudflare::client which) -> boost::asio::awaitable<bool> {
        co_await which.close(0ms);
        co_return true;
    };
    w.run(closing(one));
    REQUIRE_ERROR(w.finish(call), errc::closed);
    run_until(w.context, [&] { return w.way.open_connections() == 0; });
}

BOOST_AUTO_TEST_CASE(the_password_is_seen_nowhere) {
    std::ostringstream all;
    proxied w;
    w.way.on_connection({expect("CONNECT"), answer("HTTP/1.1 407 No\r\n\r\n"), close()})
        .on_connection({expect("CONNECT"), answer("HTTP/1.1 502 No\r\n\r\n"), close()})
        .on_connection({expect("CONNECT"), reset()})
        .otherwise(w.tunnel());
    w.server.answers({done});
    auto options = w.options("user:pa%3Ass%20w%40rd@");
    options.on_event([&all](cloudflare::event const& what) {
        all << to_string(what.what) << what.operation << what.reason << what.ray_id << '\n';
    });
    all << options.proxy() << '\n';
    BOOST_TEST(all.str() == w.url() + "\n");
    auto const blocked = w.blocked(options);
    for (int i = 0; i < 3; ++i) {
        auto const got = w.run(blocked.get(1, call_options{}.max_retries(0)));
        REQUIRE_ERROR(got, errc::connect_failed);
        all << got.error() << '\n';
    }
    REQUIRE_VALUE(w.run(blocked.get(1)));
    for (auto const* const bad : {"http://user:hunter2@", "http://user:hunter2@a:b:c",
                                  "http://us%3Aer:hunter2@host", "socks5://user:hunter2@host",
                                  "http://user:hunter2@host/path", "http://user:hunter2%0a@host"}) {
        try {
            all << proxy{bad};
            BOOST_ERROR("accepted " << bad);
        } catch (cloudflare::exception const& refused) {
            BOOST_CHECK(refused.code() == errc::invalid_argument);
            all << refused.what() << '\n';
        }
    }
    for (auto const* const secret : {password, "pa%3A", "dXNl", "hunter2", token}) {
        BOOST_TEST(!has(all.str(), secret), all.str());
    }
}

BOOST_AUTO_TEST_CASE(urls_of_proxies) {
    struct row {
        std::string url;
        std::string printed;
        std::string field;
    };
    for (auto const& [url, printed, field] :
         std::vector<row>{{"http://proxy.test", "http://proxy.test:80", ""},
                          {"http://proxy.test:3128/", "http://proxy.test:3128", ""},
                          {"HTTP://proxy.test:80", "http://proxy.test:80", ""},
                          {"proxy.test:3128", "http://proxy.test:3128", ""},
                          {"10.0.0.1", "http://10.0.0.1:80", ""},
                          {"http://[::1]:8080", "http://[::1]:8080", ""},
                          {"me@proxy.test", "http://proxy.test:80", "Basic bWU6"},
                          {"me:@proxy.test", "http://proxy.test:80", "Basic bWU6"},
                          {"Aladdin:open%20sesame@proxy.test:1", "http://proxy.test:1",
                           "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},  // RFC 7617, section 2
                          {"http://test:123%C2%A3@proxy.test", "http://proxy.test:80",
                           "Basic dGVzdDoxMjPCow=="}}) {  // RFC 7617, section 2.1
        BOOST_TEST_CONTEXT(url) {
            proxy const parsed{url};
            std::ostringstream text;
            text << parsed;
            BOOST_TEST(text.str() == printed);
            auto const line = field.empty() ? "" : "Proxy-Authorization: " + field + "\r\n";
            BOOST_TEST(parsed.header_fields() == line);
        }
    }
    std::ostringstream none;
    none << proxy{};
    BOOST_TEST(none.str() == "none");
    for (auto const* const url :
         {"", "http://", "https://proxy.test", "socks5h://proxy.test", "ftp://proxy.test",
          "http://proxy.test/pac", "http://proxy.test?a", "http://proxy.test#a",
          "http://proxy.test:0", "http://proxy.test:65536", "http://pro xy.test",
          "http://proxy.test\r\nX: y", "http://a%0d%0ab/", "http://u%00:p@proxy.test",
          "http://u:p%0d%0a@proxy.test"}) {
        BOOST_TEST_CONTEXT(url) {
            BOOST_CHECK_THROW(proxy{url}, cloudflare::exception);
        }
    }
}

BOOST_AUTO_TEST_CASE(exceptions_from_the_proxy) {
    struct row {
        std::string host;  // and port, of the API
        std::string list;
        bool is_direct;
    };
    for (auto const& [host, list, is_direct] :
         std::vector<row>{{"localhost", "", false},
                          {"localhost", "*", true},
                          {"localhost", " , ,*", true},
                          {"localhost", "localhost", true},
                          {"localhost", "LOCALHOST", true},
                          {"localhost", "other,localhost", true},
                          {"localhost", "other localhost", true},
                          {"localhost", "host", false},  // a part of a label is not a domain
                          {"localhost", "localhost.test", false},
                          {"localhost", "localhost:PORT", true},
                          {"localhost", "localhost:1", false},
                          {"localhost", "127.0.0.1", false},  // names are not resolved
                          {"localhost", "127.0.0.0/8", false},
                          {"api.localhost", "localhost", true},
                          {"api.localhost", ".localhost", true},
                          {"api.localhost", "*.localhost", true},
                          {"api.localhost", "xapi.localhost", false},
                          {"api.localhost", "pi.localhost", false},
                          {"localhost", ".localhost", true},
                          {"127.0.0.1", "127.0.0.1", true},
                          {"127.0.0.1", "127.0.0.1:PORT", true},
                          {"127.0.0.1", "127.0.0.1:1", false},
                          {"127.0.0.1", "0.1", false},
                          {"127.0.0.1", "127.0.0.0/8", true},
                          {"127.0.0.1", "127.0.0.1/32", true},
                          {"127.0.0.1", "0.0.0.0/0", true},
                          {"127.0.0.1", "10.0.0.0/8", false},
                          {"127.0.0.1", "::/0", false},
                          {"127.0.0.1", "127.0.0.0/33", false},
                          {"127.0.0.1", "127.0.0.0/", false},
                          {"127.0.0.1", "localhost", false},
                          {"127.0.0.1", "[", false},
                          {"[::1]", "::1", true},
                          {"[::1]", "[::1]", true},
                          {"[::1]", "[::1]:PORT", true},
                          {"[::1]", "[::1]:1", false},
                          {"[::1]", "0:0::1", true},
                          {"[::1]", "::/64", true},
                          {"[::1]", "fe80::/10", false}}) {
        BOOST_TEST_CONTEXT(host << " with NO_PROXY=" << list) {
            proxied w;
            // What is not excepted comes to the proxy, which says so.
            w.way.otherwise({expect("CONNECT"), answer("HTTP/1.1 403 No\r\n\r\n"), close()});
            std::uint16_t port = 0;
            {
                scripted_server gone;
                port = gone.port();
            }
            auto options = w.options();
            options.base_url("https://" + host + ':' + std::to_string(port))
                .proxy(proxy{w.url()}.except(
                    boost::algorithm::replace_all_copy(list, "PORT", std::to_string(port))));
            auto const got = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
            REQUIRE_ERROR(got, errc::connect_failed);
            BOOST_TEST(has(got.error().message(), "HTTP 403") == !is_direct, got.error().message());
            BOOST_TEST(w.way.request_count() == (is_direct ? 0u : 1u));
        }
    }
}

BOOST_AUTO_TEST_CASE(from_the_environment) {
    using variables = std::map<std::string, std::string>;
    auto const read = [](variables const& wanted) {
        environment const scope{wanted};
        return client_options::from_environment().proxy();
    };
    BOOST_TEST(read({}).empty());
    BOOST_TEST(read({{"HTTPS_PROXY", ""}}).empty());
    BOOST_TEST(read({{"NO_PROXY", "*"}}).empty());
    BOOST_TEST(read({{"HTTPS_PROXY", "http://a.test:1"}}).host() == "a.test");
    BOOST_TEST(read({{"https_proxy", "a.test:1"}}).host() == "a.test");
    BOOST_TEST(read({{"HTTPS_PROXY", "a.test"}, {"https_proxy", "b.test"}}).host() == "a.test");
    BOOST_TEST(read({{"HTTPS_PROXY", ""}, {"https_proxy", "b.test"}}).host() == "b.test");
    for (auto const* const name : {"NO_PROXY", "no_proxy"}) {
        auto const got = read({{"HTTPS_PROXY", "a.test"}, {name, "x.test"}});
        BOOST_TEST(got.exceptions().starts_with("x.test,"));
    }
    BOOST_CHECK_THROW(read({{"HTTPS_PROXY", "socks5://a.test"}}), cloudflare::exception);
}

BOOST_AUTO_TEST_CASE(the_environment_never_sends_loopback_to_a_proxy) {
    for (auto const* const host : {"127.0.0.1", "localhost"}) {
        proxied w;
        w.server.answers({done});
        environment const scope{{{"HTTPS_PROXY", w.url()}, {"NO_PROXY", "x.test"}}};
        auto options = w.options();
        options.base_url(w.server.base_url(host)).proxy(client_options::from_environment().proxy());
        REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
        BOOST_TEST(w.way.connections() == 0u);
    }
    proxied w;
    w.way.otherwise({expect("CONNECT"), answer("HTTP/1.1 403 No\r\n\r\n"), close()});
    environment const scope{{{"HTTPS_PROXY", w.url()}}};
    auto options = w.options();
    options.base_url("https://api.nowhere.invalid")
        .proxy(client_options::from_environment().proxy());
    REQUIRE_ERROR(w.run(w.blocked(options).get(1)), errc::connect_failed);
    BOOST_TEST(w.way.request_count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tinyproxy)

namespace {

/// A port that is free now.
std::uint16_t free_port() {
    scripted_server once;
    return once.port();
}

/// The program of Debian, on loopback.
struct real_proxy {
    explicit real_proxy(std::uint16_t to, std::string const& more = {})
        : port{free_port()},
          configuration{directory.file("tinyproxy.conf", "Port " + std::to_string(port) +
                                                             "\nListen 127.0.0.1\nTimeout 60\n"
                                                             "ConnectPort " +
                                                             std::to_string(to) + "\n" + more)},
          running{{"/usr/bin/tinyproxy", "-d", "-c", configuration}} {
        // It says so when it listens.
        for (std::string line; line.find("Accepting connections") == std::string::npos;) {
            line = running.read_line();
            if (line.empty()) throw std::runtime_error("no tinyproxy");
        }
    }

    std::string url(std::string const& user_info = {}) const {
        return "http://" + user_info + "127.0.0.1:" + std::to_string(port);
    }

    std::uint16_t port;
    ::test::scratch directory;
    std::string configuration;
    ::test::program running;
};

}  // namespace

BOOST_AUTO_TEST_CASE(lets_calls_through) {
    world w;
    w.server.answers({done});
    real_proxy const way{w.server.port()};
    auto const blocked = w.blocked(w.options().proxy(proxy{way.url()}));
    for (int i = 0; i < 3; ++i) REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(wants_credentials) {
    world w;
    w.server.answers({done});
    real_proxy const way{w.server.port(), "BasicAuth user secret\n"};
    auto const got = w.run(w.blocked(w.options().proxy(proxy{way.url()})).get(1));
    REQUIRE_ERROR(got, errc::connect_failed);
    BOOST_TEST(has(got.error().message(), "HTTP 407"), got.error().message());
    BOOST_TEST(got.error().attempts() == 1);
    auto const wrong = w.run(w.blocked(w.options().proxy(proxy{way.url("user:no@")})).get(1));
    REQUIRE_ERROR(wrong, errc::connect_failed);
    BOOST_TEST(w.server.connections() == 0u);
    REQUIRE_VALUE(w.run(w.blocked(w.options().proxy(proxy{way.url("user:secret@")})).get(1)));
    BOOST_TEST(w.server.requests().at(0).header("Proxy-Authorization") == "(absent)");
}

BOOST_AUTO_TEST_CASE(refuses_a_port) {
    world w;
    real_proxy const way{1};
    auto const got = w.run(w.blocked(w.options().proxy(proxy{way.url()})).get(1));
    REQUIRE_ERROR(got, errc::connect_failed);
    BOOST_TEST(has(got.error().message(), "HTTP 403"), got.error().message());
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
