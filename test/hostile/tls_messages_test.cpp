#include "scenario.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;

namespace {

auto const done = success(R"({"id":1})");
auto const smuggled = success(R"({"id":"smuggled"})");

/// What a server says in TLS when the handshake is over, as it may, or as it must not.
std::vector<scenario> const scenarios{
    scenario{"new keys before the answer"}
        .does({expect(), answer_with("", tls_message::key_update), answer(done)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"new keys with the answer"}
        .does({expect(), answer_with(done, tls_message::key_update)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"a ticket before the answer"}
        .does({expect(), answer_with("", tls_message::session_ticket), answer(done)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"a ticket with the answer"}
        .does({expect(), answer_with(done, tls_message::session_ticket)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"half a ticket before the answer"}
        .does({expect(), answer_with_half("", tls_message::session_ticket), answer(done)})
        .goes_on()
        .keeps_the_connection(),
    // Whoever sends a request now waits for the other half.
    scenario{"half a ticket with the answer"}
        .does({expect(), answer_with_half(done, tls_message::session_ticket)})
        .goes_on(),
    scenario{"half a record with the answer"}
        .does({expect(), answer_with_half(done, smuggled)})
        .goes_on(),
    scenario{"a new handshake wanted before the answer"}
        .in_tls("1.2")
        .does({expect(), answer_with("", tls_message::hello_request), hang()})
        .fails(errc::connection_lost, outcome::unknown)
        .says("renegotiation"),
    scenario{"a new handshake wanted with the answer"}
        .in_tls("1.2")
        .does({expect(), answer_with(done, tls_message::hello_request)})
        .goes_on(),

    scenario{"new keys without end"}
        .does({expect(), answer_without_end(tls_message::key_update)})
        .fails(errc::connection_lost, outcome::unknown)
        .says("too many key updates"),
    scenario{"tickets without end"}
        .does({expect(), answer_without_end(tls_message::session_ticket)})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"new keys without end, after half an answer"}
        .does({expect(), answer(done.substr(0, done.size() / 2)),
               answer_without_end(tls_message::key_update)})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"interim answers without end, as fast as they can be read"}
        .does({expect(), answer_without_end("HTTP/1.1 103 Early Hints\r\n\r\n")})
        .fails(errc::malformed_response, outcome::unknown)
        .says("interim answers without end"),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_messages)

BOOST_DATA_TEST_CASE(scenario, boost::unit_test::data::make(scenarios), each) {
    play(each);
}

BOOST_AUTO_TEST_CASE(half_a_record_is_not_the_beginning_of_the_next_answer) {
    world w;
    w.server
        .on_connection({expect(), answer_with_half(done, smuggled),
                        [](conversation& with) {
                            with.receive();
                            with.send(done);
                        },
                        hang()})
        .on_connection({expect(), answer(done)});
    auto const blocked = w.blocked();
    for (int i = 0; i < 2; ++i) {
        auto const got = w.run(blocked.get(i));
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.text() == "1");
    }
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
