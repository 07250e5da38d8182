#include "harness.hpp"
#include "wall_clock.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::retry_options;
using cloudflare::tls_options;
using namespace std::chrono_literals;

namespace {

/// A client that does not trust the server tries once a call, sends nothing, and says why. Its only
/// connection is free again each time.
void check_untrusted(world& w, cloudflare::client_options options, std::string const& reason) {
    options.pool(cloudflare::pool_options{}.max_connections(1));
    auto const blocked = w.blocked(std::move(options));
    for (std::size_t calls = 1; calls <= 2; ++calls) {
        auto const made = w.run(blocked.create({"a@b.test", es::pattern_type::email}));
        REQUIRE_ERROR(made, errc::tls_failed);
        BOOST_TEST(made.error().attempts() == 1);
        BOOST_TEST(made.error().status() == 0u);
        BOOST_CHECK(made.error().outcome() == outcome::not_sent);
        BOOST_TEST(made.error().message().find(reason) != std::string::npos,
                   made.error().message());
        BOOST_TEST(w.server.connections() == calls);
        BOOST_TEST(w.server.request_count() == 0u);
    }
    w.server.wait_until_idle();
}

server_settings with_certificate(certificate_request const& wanted) {
    server_settings settings;
    settings.certificate = trusted_authority().issue(wanted);
    return settings;
}

server_settings with(std::string const& version, std::string const& ciphers = {},
                     certificate_request const& wanted = {}) {
    auto settings = with_certificate(wanted);
    settings.tls = version;
    settings.ciphers = ciphers;
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

BOOST_AUTO_TEST_CASE(self_signed_certificate) {
    server_settings settings;
    settings.certificate = self_signed();
    world w{settings};
    w.server.otherwise({});
    check_untrusted(w, w.options(), "self-signed certificate");
}

BOOST_AUTO_TEST_CASE(keys_and_signatures_too_weak) {
    world weak{with_certificate({.rsa_bits = 1024})};
    weak.server.otherwise({});
    check_untrusted(weak, weak.options(), "key too weak");
    world old{with("1.2", "", {.by_sha1 = true})};
    old.server.otherwise({});
    check_untrusted(old, old.options(), "digest algorithm too weak");
}

BOOST_AUTO_TEST_CASE(versions) {
    for (auto const* const version : {"1.0", "1.1"}) {
        world w{with(version, "ALL:@SECLEVEL=0")};
        w.server.otherwise({});
        check_untrusted(w, w.options(), "protocol");
    }
    for (auto const* const version : {"1.2", "1.3"}) {
        world w{with(version)};
        w.server.answers({success("{}")});
        REQUIRE_VALUE(w.run(w.blocked().get(1)));
    }
}

BOOST_AUTO_TEST_CASE(ciphers) {
    struct row {
        std::string cipher;
        int rsa_bits;
        bool is_good;
    };
    for (auto const& [cipher, rsa_bits, is_good] :
         std::vector<row>{{"ECDHE-ECDSA-AES128-GCM-SHA256", 0, true},
                          {"ECDHE-ECDSA-AES256-GCM-SHA384", 0, true},
                          {"ECDHE-ECDSA-CHACHA20-POLY1305", 0, true},
                          {"ECDHE-RSA-AES128-GCM-SHA256", 2048, true},
                          {"ECDHE-ECDSA-NULL-SHA", 0, false},     // no encryption
                          {"AECDH-AES128-SHA", 0, false},         // nobody knows whose key
                          {"ECDHE-ECDSA-AES128-SHA", 0, false},   // CBC with SHA-1
                          {"AES128-GCM-SHA256", 2048, false}}) {  // no forward secrecy
        BOOST_TEST_CONTEXT(cipher) {
            world w{with("1.2", cipher + ":@SECLEVEL=0", {.rsa_bits = rsa_bits})};
            if (is_good) {
                w.server.answers({success("{}")});
                REQUIRE_VALUE(w.run(w.blocked().get(1)));
            } else {
                w.server.otherwise({});
                check_untrusted(w, w.options(), "handshake failure");
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_client_certificate_is_wanted) {
    authority const clients;
    auto const own = clients.issue({.is_client = true});
    auto const strangers = authority{}.issue({.is_client = true});
    for (auto const* const version : {"1.2", "1.3"}) {
        BOOST_TEST_CONTEXT("TLS " << version) {
            auto settings = with(version);
            settings.client_ca = clients.certificate();
            auto const show = [](cloudflare::client_options options, identity const& whose) {
                auto tls = options.tls();
                return options.tls(tls.client_certificate(whose.certificate, whose.key));
            };
            // In TLS 1.3 the refusal comes when the request is on its way already.
            world none{settings};
            none.server.otherwise({});
            check_untrusted(none, none.options(), "alert");
            world wrong{settings};
            wrong.server.otherwise({});
            check_untrusted(wrong, show(wrong.options(), strangers), "alert");
            world right{settings};
            right.server.answers({success("{}")});
            REQUIRE_VALUE(right.run(right.blocked(show(right.options(), own)).get(1)));
        }
    }
}

BOOST_AUTO_TEST_CASE(other_host) {
    for (auto const* const names :
         {"DNS:other.example", "IP:127.0.0.2,DNS:localhost", "DNS:127.0.0.1"}) {
        world w{with_certificate({.names = names})};
        w.server.otherwise({});
        check_untrusted(w, w.options(), "mismatch");
    }
    world w{with_certificate({.names = "IP:127.0.0.1,DNS:*.host,DNS:local*"})};
    w.server.otherwise({});
    check_untrusted(w, quick_options(w.server.base_url("localhost")), "mismatch");
    world only_subject{with_certificate({.names = "IP:127.0.0.1"})};
    only_subject.server.otherwise({});
    check_untrusted(only_subject, quick_options(only_subject.server.base_url("localhost")),
                    "mismatch");
}

BOOST_AUTO_TEST_CASE(host_by_an_ipv6_address) {
    auto settings = with_certificate({.names = "IP:::1"});
    settings.address = "::1";
    world w{settings};
    w.server.answers({success("{}")});
    REQUIRE_VALUE(w.run(w.blocked(quick_options(w.server.base_url("[::1]"))).get(1)));
    BOOST_TEST(w.server.server_name() == "");
    settings.certificate = trusted_authority().issue({.names = "IP:::2,IP:127.0.0.1,DNS:[::1]"});
    world other{settings};
    other.server.otherwise({});
    check_untrusted(other, quick_options(other.server.base_url("[::1]")), "mismatch");
}

BOOST_AUTO_TEST_CASE(a_certificate_of_clients) {
    world w{with_certificate({.is_client = true})};
    w.server.otherwise({});
    check_untrusted(w, w.options(), "certificate purpose");
}

BOOST_AUTO_TEST_CASE(the_pool_is_sound_when_the_server_is_itself_again) {
    world w;
    auto options = w.options();
    server_settings wrong;
    wrong.certificate = authority{}.issue();
    auto impostor = std::make_optional<scripted_server>(wrong);
    impostor->otherwise({});
    auto const port = impostor->port();
    options.base_url(impostor->base_url()).pool(cloudflare::pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::tls_failed);
    impostor.reset();
    server_settings right;
    right.port = port;
    scripted_server itself{right};
    itself.answers({success("{}")});
    REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(itself.request_count() == 1u);
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
    // An address is not a server name (RFC 6066, section 3).
    REQUIRE_VALUE(w.run(w.blocked().get(1)));
    BOOST_TEST(w.server.server_name() == "");
}

BOOST_AUTO_TEST_CASE(sessions_are_resumed) {
    for (auto const* const version : {"1.2", "1.3"}) {
        BOOST_TEST_CONTEXT("TLS " << version) {
            world w{with(version)};
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
    }
}

namespace {

/// Time that has passed, until the end of a test.
class passed_time {
public:
    passed_time() = default;
    ~passed_time() { put_wall_clock_forward(-all_); }
    passed_time(passed_time const&) = delete;
    passed_time& operator=(passed_time const&) = delete;

    void add(std::chrono::seconds more) {
        put_wall_clock_forward(more);
        all_ += more;
    }

private:
    std::chrono::seconds all_{0};
};

}  // namespace

BOOST_AUTO_TEST_CASE(no_session_outlives_its_certificate) {
    for (auto const* const version : {"1.2", "1.3"}) {
        BOOST_TEST_CONTEXT("TLS " << version) {
            auto settings = with(version);
            settings.certificate = trusted_authority().issue({.valid_until = 1h});
            world w{settings};
            w.server.otherwise({expect(), answer(success("{}")), close()});
            auto options = w.options();
            options.retry(retry_options{}.max_retries(0));
            auto const blocked = w.blocked(options);
            for (int i = 0; i < 2; ++i) {
                REQUIRE_VALUE(w.run(blocked.get(1)));
                w.server.wait_until_idle();
            }
            BOOST_TEST(w.server.resumed() == 1u);
            passed_time time;
            // A server still resumes its sessions then.
            time.add(80min);
            for (int i = 0; i < 2; ++i) {
                auto const got = w.run(blocked.get(1));
                REQUIRE_ERROR(got, errc::tls_failed);
                BOOST_TEST(got.error().message().find("expired") != std::string::npos,
                           got.error().message());
            }
            BOOST_TEST(w.server.request_count() == 2u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_certificate_is_looked_at_every_few_hours) {
    for (auto const* const version : {"1.2", "1.3"}) {
        BOOST_TEST_CONTEXT("TLS " << version) {
            world w{with(version)};
            w.server.otherwise({expect(), answer(success("{}")), close()});
            auto const blocked = w.blocked();
            passed_time time;
            // Each resumed connection brings new tickets, so that a server never has to show it.
            std::size_t in_a_row = 0;
            for (int i = 0; i < 12; ++i) {
                auto const before = w.server.resumed();
                REQUIRE_VALUE(w.run(blocked.get(1)));
                w.server.wait_until_idle();
                in_a_row = w.server.resumed() > before ? in_a_row + 1 : 0;
                BOOST_TEST(in_a_row <= 4u);
                time.add(1h);
            }
            BOOST_TEST(w.server.resumed() > 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_no_session_any_more) {
    for (auto const* const version : {"1.2", "1.3"}) {
        BOOST_TEST_CONTEXT("TLS " << version) {
            auto settings = with(version);
            settings.forgets = true;
            world w{settings};
            script const once{expect(), answer(success("{}")), close()};
            w.server.otherwise(once);
            auto const blocked = w.blocked();
            for (int i = 0; i < 3; ++i) {
                REQUIRE_VALUE(w.run(blocked.get(1)));
                w.server.wait_until_idle();
            }
            BOOST_TEST(w.server.connections() == 3u);
            BOOST_TEST(w.server.resumed() == 0u);
            BOOST_TEST(blocked.client().metrics().connections_resumed == 0u);
        }
    }
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
