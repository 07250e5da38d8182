#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::tls_options;
using namespace std::chrono_literals;

namespace {

/// A client that does not trust the server tries once, sends nothing, and says why.
void check_untrusted(world& w, cloudflare::client_options options, std::string const& reason) {
    auto const made =
        w.run(w.blocked(std::move(options)).create({"a@b.test", es::pattern_type::email}));
    REQUIRE_ERROR(made, errc::tls_failed);
    BOOST_TEST(made.error().attempts() == 1);
    BOOST_CHECK(made.error().outcome() == outcome::not_sent);
    BOOST_TEST(made.error().message().find(reason) != std::string::npos, made.error().message());
    BOOST_TEST(w.server.connections() == 1u);
    BOOST_TEST(w.server.request_count() == 0u);
}

server_settings with_certificate(certificate_request const& wanted) {
    server_settings settings;
    settings.certificate = trusted_authority().issue(wanted);
    return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(unknown_authority) {
    world w;
    w.server.otherwise({});
    authority const other;
    auto options = w.options();
    options.tls(tls_options{}.system_trust(false).extra_ca(other.certificate()));
    check_untrusted(w, options, "certificate not accepted");
    world second;
    second.server.otherwise({});
    options = second.options();
    options.tls({});
    check_untrusted(second, options, "certificate not accepted");
}

BOOST_AUTO_TEST_CASE(other_host) {
    for (auto const* const names : {"DNS:other.example", "IP:127.0.0.2,DNS:localhost"}) {
        world w{with_certificate({.names = names})};
        w.server.otherwise({});
        check_untrusted(w, w.options(), "mismatch");
    }
    world w{with_certificate({.names = "IP:127.0.0.1,DNS:*.host,DNS:local*"})};
    w.server.otherwise({});
    check_untrusted(w, quick_options(w.server.base_url("localhost")), "mismatch");
}

BOOST_AUTO_TEST_CASE(expired_or_not_yet_valid) {
    world expired{with_certificate({.valid_from = -48h, .valid_until = -24h})};
    expired.server.otherwise({});
    check_untrusted(expired, expired.options(), "expired");
    world early{with_certificate({.valid_from = 24h, .valid_until = 48h})};
    early.server.otherwise({});
    check_untrusted(early, early.options(), "not yet valid");
}

BOOST_AUTO_TEST_CASE(host_by_name) {
    world w;
    w.server.answers({success("{}")});
    REQUIRE_VALUE(w.run(w.blocked(quick_options(w.server.base_url("localhost"))).get(1)));
    BOOST_TEST(w.server.server_name() == "localhost");
    BOOST_TEST(w.server.requests().at(0).header("Host") ==
               "localhost:" + std::to_string(w.server.port()));
    // An address is no server name (RFC 6066, section 3).
    REQUIRE_VALUE(w.run(w.blocked().get(1)));
    BOOST_TEST(w.server.server_name() == "");
}

BOOST_AUTO_TEST_CASE(sessions_are_resumed) {
    world w;
    script const once{expect(), answer(success("{}")), close()};
    w.server.otherwise(once);
    auto const blocked = w.blocked();
    for (int i = 0; i < 4; ++i) {
        REQUIRE_VALUE(w.run(blocked.get(1)));
        w.server.wait_until_idle();
    }
    BOOST_TEST(w.server.connections() == 4u);
    BOOST_TEST(w.server.resumed() == 3u);
    BOOST_TEST(blocked.client().metrics().connections_resumed == 3u);
}

BOOST_AUTO_TEST_CASE(a_server_without_resumption_works_too) {
    server_settings settings;
    settings.resumes = false;
    world w{settings};
    script const once{expect(), answer(success("{}")), close()};
    w.server.otherwise(once);
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(blocked.client().metrics().connections_resumed == 0u);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be_used) {
    world w;
    auto const refused = [&](tls_options with, errc why) {
        auto options = w.options();
        options.tls(std::move(with));
        try {
            w.connect(options);
            BOOST_ERROR("a client was made");
        } catch (cloudflare::exception const& thrown) {
            BOOST_CHECK(thrown.code() == why);
        }
    };
    auto const own = trusted_authority().issue();
    refused(tls_options{}.extra_ca("no PEM"), errc::tls_failed);
    refused(tls_options{}.client_certificate("no PEM", "no PEM"), errc::tls_failed);
    refused(tls_options{}.client_certificate(own.certificate, ""), errc::invalid_argument);
    refused(tls_options{}.client_certificate("", own.key), errc::invalid_argument);
    refused(tls_options{}.client_certificate(own.certificate, trusted_authority().issue().key),
            errc::tls_failed);
}

BOOST_AUTO_TEST_SUITE_END()
