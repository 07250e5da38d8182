#include "client.hpp"

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

namespace sim = cloudflare::simulator;
using test::client;
using test::path_of;

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(serves_a_client_that_trusts_the_minted_ca) {
    sim::server const server;
    client c(server);
    BOOST_TEST(c.protocol() == "http/1.1");
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(mints_a_ca_of_its_own_for_every_server) {
    sim::server const one;
    sim::server const other;
    BOOST_CHECK_THROW(client(one.port(), other.ca_certificate()), boost::system::system_error);
    // The refusal does no harm to others.
    client c(one);
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(resumes_sessions) {
    sim::server const server;
    client c(server);
    BOOST_TEST(!c.resumed());
    // TLS 1.3 sends its tickets after the handshake, ahead of the first answer.
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    c.reconnect(true);
    BOOST_TEST(c.resumed());
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    BOOST_TEST(server.stats().connections == 2U);
    BOOST_TEST(server.stats().resumed_sessions == 1U);
}

BOOST_AUTO_TEST_CASE(keeps_a_connection_for_many_requests) {
    sim::server const server;
    client c(server);
    for (int i = 0; i != 20; ++i)
        BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    BOOST_TEST(server.stats().connections == 1U);
    BOOST_TEST(server.stats().requests == 20U);
}

BOOST_AUTO_TEST_CASE(ends_the_connection_when_asked) {
    sim::server const server;
    client c(server);
    c.headers["Connection"] = "close";
    test::answer const closing = c.send("GET", path_of("block_senders"));
    BOOST_TEST(closing.headers.at("connection") == "close");
    BOOST_TEST(c.read_to_end().bytes.empty());
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_is_an_error) {
    sim::server const first;
    sim::options same_port;
    same_port.port(first.port());
    BOOST_CHECK_THROW(sim::server{same_port}, boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
