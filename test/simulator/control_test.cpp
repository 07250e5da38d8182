#include "client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>
#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::block_sender;
using test::client;
using test::path_of;

BOOST_AUTO_TEST_SUITE(control)

BOOST_AUTO_TEST_CASE(seeds_and_dumps) {
    sim::server server;
    server.seed_block_senders("acc", {"a@b.example", "b.example", "1.2.3.0/24", "10.0.0.1"});
    using strings = std::vector<std::string>;
    BOOST_TEST(
        server.patterns("acc") == (strings{"a@b.example", "b.example", "1.2.3.0/24", "10.0.0.1"}),
        boost::test_tools::per_element());
    json::value const all = json::parse(server.entries("acc"));
    BOOST_TEST(all.at_pointer("/0/pattern_type") == "EMAIL");
    BOOST_TEST(all.at_pointer("/1/pattern_type") == "DOMAIN");
    BOOST_TEST(all.at_pointer("/2/pattern_type") == "IP");
    client c(server);
    BOOST_TEST(c.send("GET", path_of("block_senders")).json("/result") == all);
    BOOST_TEST(server.entries("acc", "allow_policies") == "[]");
}

BOOST_AUTO_TEST_CASE(refuses_seeds_that_fit_no_collection) {
    sim::server server;
    struct {
        char const* collection;
        char const* json;
    } const cases[] = {
        {"nothing", "[]"},
        {"block_senders", "{}"},
        {"block_senders", "[1]"},
        {"block_senders", "["},
        {"block_senders", R"([{"pattern":"a.example"},{"nothing":1}])"},
    };
    for (auto const& one : cases) {
        BOOST_CHECK_THROW(server.seed_entries("acc", one.collection, one.json),
                          std::invalid_argument);
    }
    BOOST_CHECK_THROW(server.patterns("acc", "nothing"), std::invalid_argument);
    BOOST_CHECK_THROW(server.entries("acc", "nothing"), std::invalid_argument);
    BOOST_TEST(server.patterns("acc").empty());
}

BOOST_AUTO_TEST_CASE(every_account_starts_with_what_was_given) {
    sim::server const server(sim::options{}.block_senders({"a.example", "b.example"}));
    client c(server);
    for (char const* const account : {"one", "two"}) {
        BOOST_TEST(
            c.send("GET", path_of("block_senders", "", account)).json("/result_info/count") == 2);
    }
}

BOOST_AUTO_TEST_CASE(seeds_nothing_twice_where_duplicates_conflict) {
    sim::server const server(sim::options{}
                                 .on_duplicate(sim::duplicates::conflict)
                                 .block_senders({"a.example", "a.example"}));
    BOOST_TEST(server.patterns("acc").size() == 1U);
}

BOOST_AUTO_TEST_CASE(identifiers_follow_the_seed) {
    auto const first_id = [](std::uint64_t seed) {
        sim::server const server(sim::options{}.seed(seed).block_senders({"a.example"}));
        return json::parse(server.entries("acc")).at_pointer("/0/id");
    };
    BOOST_TEST(first_id(1) == first_id(1));
    BOOST_TEST(first_id(1) != first_id(2));
}

BOOST_AUTO_TEST_CASE(logs_requests) {
    sim::server server;
    client c(server);
    c.send("POST", path_of("block_senders"), block_sender("a.example"));
    c.send("GET", path_of("block_senders", "?page=0"));
    auto const log = server.take_log();
    BOOST_REQUIRE(log.size() == 2U);
    BOOST_TEST(log[0].method == "POST");
    BOOST_TEST(log[0].target == path_of("block_senders"));
    BOOST_TEST(log[0].body == block_sender("a.example"));
    BOOST_TEST(log[0].status == 201U);
    BOOST_TEST(log[1].target == path_of("block_senders", "?page=0"));
    BOOST_TEST(log[1].status == 400U);
    BOOST_TEST(server.take_log().empty());
}

BOOST_AUTO_TEST_CASE(keeps_no_log_when_told_so) {
    sim::server server(sim::options{}.log_requests(false));
    client c(server);
    c.send("GET", path_of("block_senders"));
    BOOST_TEST(server.take_log().empty());
    BOOST_TEST(server.stats().requests == 1U);
}

BOOST_AUTO_TEST_CASE(holds_answers_back) {
    sim::server server;
    client c(server);
    server.set_latency(std::chrono::hours{1});
    c.write("POST", path_of("block_senders"), block_sender("a.example"));
    // Processed at once; only the answer waits, until its connection goes.
    while (server.stats().requests == 0) std::this_thread::yield();
    BOOST_TEST(server.patterns("acc").size() == 1U);
    server.drop_connections();
    BOOST_TEST(c.read_to_end().bytes.empty());
    server.set_latency(std::chrono::milliseconds{1});
    c.reconnect();
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(drops_connections) {
    sim::server server;
    client one(server);
    client other(server);
    one.send("GET", path_of("block_senders"));
    other.send("GET", path_of("block_senders"));
    server.drop_connections();
    BOOST_TEST(one.read_to_end().bytes.empty());
    BOOST_TEST(other.read_to_end().bytes.empty());
    one.reconnect();
    BOOST_TEST(one.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(ends_with_requests_under_way) {
    std::optional<sim::server> server(std::in_place, sim::options{}.fault("hang#1"));
    client hanging(*server);
    hanging.write("GET", path_of("block_senders"));
    client idle(*server);
    while (server->stats().faults == 0) std::this_thread::yield();
    server.reset();
    BOOST_TEST(hanging.read_to_end().bytes.empty());
    BOOST_TEST(idle.read_to_end().bytes.empty());
}

BOOST_AUTO_TEST_CASE(may_be_used_from_many_threads) {
    sim::server server(sim::options{}.request_quota(std::nullopt));
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([&server, i] {
            client c(server);
            for (int j = 0; j != 25; ++j) {
                std::string const name = std::to_string(i) + '-' + std::to_string(j);
                c.send("POST", path_of("block_senders"), block_sender("a" + name + ".example"));
                server.seed_block_senders("acc", {"b" + name + ".example"});
                server.stats();
            }
        });
    }
    for (std::thread& one : threads) one.join();
    BOOST_TEST(server.patterns("acc").size() == 200U);
    BOOST_TEST(server.stats().requests == 100U);
    BOOST_TEST(server.stats().connections == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
