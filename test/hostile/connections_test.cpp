#include "blackhole.hpp"
#include "scenario.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
namespace es = cloudflare::email_security;

namespace {

auto const head = std::string{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"};

std::vector<scenario> const scenarios{
    scenario{"closes before the handshake"}
        .does({without_handshake(), close()})
        .fails(errc::tls_failed, outcome::not_sent)
        .is_not_received(),
    scenario{"resets in the handshake"}
        .does({without_handshake(), wait_for_bytes(), reset()})
        .fails(errc::tls_failed, outcome::not_sent)
        .is_not_received(),
    scenario{"never completes the handshake"}
        .does({without_handshake(), hang()})
        .fails(errc::timed_out, outcome::not_sent)
        .says("handshake")
        .is_not_received(),
    scenario{"speaks HTTP without TLS"}
        .does({without_handshake(), answer_raw("HTTP/1.1 400 Bad Request\r\n\r\n"), hang()})
        .fails(errc::tls_failed, outcome::not_sent)
        .is_not_received(),
    scenario{"sends garbage in the handshake"}
        .does({without_handshake(), answer_raw(std::string(300, '\xee')), hang()})
        .fails(errc::tls_failed, outcome::not_sent)
        .is_not_received(),
    scenario{"breaks TLS before the answer"}
        .does({expect(), answer_raw("This is no TLS record"), hang()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"breaks TLS in the answer"}
        .does({expect(), answer(head + "{"), answer_raw("This is no TLS record"), hang()})
        .fails(errc::connection_lost, outcome::unknown),

    scenario{"closes before it has read the request"}
        .does({close()})
        .fails(errc::connection_lost, outcome::unknown)
        .is_not_received(),
    scenario{"closes after it has read the request"}
        .does({expect(), close()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"drops the connection without a word"}
        .does({expect(), drop()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"resets before the answer"}
        .does({expect(), reset()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"resets in the header"}
        .does({expect(), answer("HTTP/1.1 200 OK\r\nContent-Le"), reset()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"resets in the body"}
        .does({expect(), answer(head + R"({"success":true,"res)"), reset()})
        .fails(errc::connection_lost, outcome::unknown),

    scenario{"never answers"}.does({expect(), hang()}).fails(errc::timed_out, outcome::unknown),
    scenario{"stops in the status line"}
        .does({expect(), answer("HTTP/1."), hang()})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"stops in the header"}
        .does({expect(), answer("HTTP/1.1 200 OK\r\nX-Slow: "), hang()})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"stops in the body"}
        .does({expect(), answer(head + "{"), hang()})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"stops after an interim answer"}
        .does({expect(), answer("HTTP/1.1 100 Continue\r\n\r\n"), hang()})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"one byte at a time, in the header"}
        .does({expect(), answer_slowly("HTTP/1.1 200 OK\r\nX-Slow: ", "x")})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"one byte at a time, in the body"}
        .does({expect(), answer_slowly(head, " ")})
        .fails(errc::timed_out, outcome::unknown),
    scenario{"interim answers without end"}
        .does({expect(), answer_slowly("", "HTTP/1.1 103 Early Hints\r\n\r\n")})
        .fails(errc::malformed_response, outcome::unknown),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_DATA_TEST_CASE(scenario, boost::unit_test::data::make(scenarios), each) {
    play(each);
}

BOOST_AUTO_TEST_CASE(refuses) {
    world w;
    std::uint16_t port = 0;
    {
        scripted_server gone;
        port = gone.port();
    }
    auto options = tight_options(w);
    options.base_url("https://127.0.0.1:" + std::to_string(port) + "/client/v4");
    auto const blocked = w.blocked(options);
    for (int i = 0; i < 3; ++i) {
        auto const made = w.run(blocked.create({"a@b.test", es::pattern_type::email}));
        REQUIRE_ERROR(made, errc::connect_failed);
        BOOST_TEST(made.error().outcome() == outcome::not_sent);
        BOOST_TEST(made.error().status() == 0u);
    }
    // It is back.
    server_settings settings;
    settings.port = port;
    scripted_server back{settings};
    soundness const sound;
    back.otherwise({sound.serves()});
    sound.check(w, blocked);
    back.wait_until_idle();
    BOOST_TEST(back.connections() == 2u);
    BOOST_TEST(back.request_count() == 2u);
}

BOOST_AUTO_TEST_CASE(swallows_connections) {
    world w;
    blackhole hole;
    auto options = tight_options(w);
    options.base_url(hole.server().base_url());
    auto const blocked = w.blocked(options);
    auto const read = w.start(blocked.get(1));
    auto const write = w.start(blocked.create({"a@b.test", es::pattern_type::email}));
    for (auto const& call : {read, write}) {
        auto const got = w.finish(call);
        REQUIRE_ERROR(got, errc::timed_out);
        BOOST_TEST(got.error().outcome() == outcome::not_sent);
        BOOST_TEST(got.error().status() == 0u);
        BOOST_TEST(got.error().message().find("connecting") != std::string::npos);
    }
    soundness const sound;
    hole.server().otherwise({sound.serves()});
    hole.end();
    sound.check(w, blocked);
    hole.server().wait_until_idle();
    BOOST_TEST(hole.server().request_count() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
