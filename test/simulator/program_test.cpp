#include "../support/program.hpp"

#include "client.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

using test::client;
using test::path_of;
using test::program;

namespace {

using strings = std::vector<std::string>;

/// The command line that runs the simulator.
strings simulator_with(strings arguments) {
    arguments.insert(arguments.begin(), CFES_SIMULATOR);
    return arguments;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_program)

BOOST_AUTO_TEST_CASE(serves_until_it_is_told_to_stop) {
    test::scratch const here;
    std::string const ca = here.path() / "ca.pem";
    std::string const feed =
        here.file("feed.txt", "# a feed\n\n  a.example \r\n1.2.3.4 # with a comment\nb@c.example");

    for (int const number : {SIGTERM, SIGINT}) {
        program simulator(simulator_with(
            {"--ca-out",     ca,         "--seed-file", feed,         "--token",       "right",
             "--account-id", "mine",     "--quota",     "5/0.5",      "--identifiers", "integer",
             "--duplicates", "conflict", "--fault",     "POST:500#1", "--latency-ms",  "1",
             "--seed",       "3",        "--normalise"}));
        std::string const line = simulator.read_line();
        std::string const begin = "listening on https://127.0.0.1:";
        std::string const end = "/client/v4";
        BOOST_REQUIRE(line.starts_with(begin));
        BOOST_REQUIRE(line.ends_with(end));
        auto const port = static_cast<std::uint16_t>(std::stoul(line.substr(begin.size())));
        BOOST_TEST(line == begin + std::to_string(port) + end);

        client c(port, test::read_file(ca));
        std::string const target = path_of("block_senders", "", "mine");
        BOOST_TEST(c.send("GET", target).status == 403U);
        c.headers = {{"Authorization", "Bearer right"}};
        test::answer const got = c.send("GET", target);
        BOOST_TEST(got.status == 200U);
        BOOST_TEST(got.headers.at("ratelimit-policy") == "\"default\";q=5;w=1");
        BOOST_TEST(got.json("/result_info/count") == 3);
        BOOST_TEST(got.json("/result/0/pattern") == "a.example");
        BOOST_TEST(got.json("/result/0/id").is_int64());
        BOOST_TEST(got.json("/result/1/pattern") == "1.2.3.4");
        BOOST_TEST(got.json("/result/2/pattern") == "b@c.example");
        BOOST_TEST(c.send("POST", target, test::block_sender("a.example")).status == 500U);
        BOOST_TEST(c.send("POST", target, test::block_sender("A.Example")).status == 409U);
        simulator.signal(number);
        BOOST_TEST(simulator.wait() == 0);
    }
}

BOOST_AUTO_TEST_CASE(writes_nothing_into_what_was_opened_instead_of_its_output) {
    test::scratch const here;
    std::string const ca = here.path() / "ca.pem";
    // The certificate is complete before the line that nobody can read.
    program simulator(
        {"/bin/sh", "-c", "exec \"$0\" \"$@\" 0<&- 1>&- 2>&-", CFES_SIMULATOR, "--ca-out", ca});
    std::string const end = "-----END CERTIFICATE-----\n";
    while (!test::read_file(ca).ends_with(end)) std::this_thread::yield();
    simulator.signal(SIGTERM);
    BOOST_TEST(simulator.wait() == 0);
    BOOST_TEST(test::read_file(ca).starts_with("-----BEGIN CERTIFICATE-----\n"));
    BOOST_TEST(test::read_file(ca).ends_with(end));
}

BOOST_AUTO_TEST_CASE(refuses_a_file_without_end) {
    program simulator(simulator_with({"--seed-file", "/dev/zero"}));
    BOOST_TEST(simulator.read_line().empty());
    BOOST_TEST(simulator.wait() == 1);
    BOOST_TEST(simulator.errors().find("is larger than") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(usage_errors) {
    strings const cases[] = {
        {"--nonsense"},
        {"argument"},
        {"--port", "x"},
        {"--port", "65536"},
        {"--port"},
        {"--quota", "12"},
        {"--quota", "0/3"},
        {"--quota", "12/0"},
        {"--quota", "12/x"},
        {"--quota", "12/3s"},
        {"--quota", "-1/3"},
        {"--latency-ms", "-1"},
        {"--fault", "500"},
        {"--identifiers", "words"},
        {"--duplicates", "maybe"},
        {"--seed-file", "/nonexistent"},
    };
    for (strings const& arguments : cases) {
        BOOST_TEST_CONTEXT(arguments.front() << ' ' << arguments.back()) {
            program simulator(simulator_with(arguments));
            BOOST_TEST(simulator.read_line().empty());
            BOOST_TEST(simulator.wait() == 64);
        }
    }
}

BOOST_AUTO_TEST_CASE(other_errors) {
    program simulator(simulator_with({"--ca-out", "/nonexistent/ca.pem"}));
    BOOST_TEST(simulator.read_line().empty());
    BOOST_TEST(simulator.wait() == 1);
}

BOOST_AUTO_TEST_CASE(help) {
    program simulator(simulator_with({"--help"}));
    BOOST_TEST(!simulator.read_line().empty());
    BOOST_TEST(simulator.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
