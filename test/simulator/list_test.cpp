#include "client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::client;
using test::path_of;

namespace {

using strings = std::vector<std::string>;

strings listed(answer const& got) {
    strings result;
    json::value const entries = got.json("/result");
    for (json::value const& entry : entries.as_array()) {
        result.push_back(json::value_to<std::string>(entry.at("pattern")));
    }
    return result;
}

struct lists {
    lists() {
        server.seed_entries("acc", "block_senders", R"([
            {"pattern": "c.example", "pattern_type": "DOMAIN", "is_regex": false},
            {"pattern": "a@b.example", "pattern_type": "EMAIL", "is_regex": false,
             "comments": "from INCident 7"},
            {"pattern": "1.2.3.4", "pattern_type": "IP", "is_regex": false, "comments": null},
            {"pattern": "b.example", "pattern_type": "DOMAIN", "is_regex": false},
            {"pattern": "old", "pattern_type": "UNKNOWN", "is_regex": true}])");
        server.seed_entries("acc", "allow_policies", R"([
            {"pattern": "p.example", "pattern_type": "DOMAIN", "is_regex": false,
             "is_exempt_recipient": true, "is_trusted_sender": false,
             "is_acceptable_sender": false, "verify_sender": true},
            {"pattern": "q.example", "pattern_type": "DOMAIN", "is_regex": false,
             "is_exempt_recipient": false, "is_trusted_sender": true,
             "is_acceptable_sender": true, "verify_sender": true}])");
    }

    sim::server server;
    client c{server};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(list, lists)

BOOST_AUTO_TEST_CASE(what_each_query_selects) {
    struct {
        std::string collection;
        std::string query;
        strings expected;
    } const cases[] = {
        {"block_senders", "", {"c.example", "a@b.example", "1.2.3.4", "b.example", "old"}},
        {"block_senders",
         "?order=created_at",
         {"c.example", "a@b.example", "1.2.3.4", "b.example", "old"}},
        {"block_senders",
         "?direction=desc",
         {"old", "b.example", "1.2.3.4", "a@b.example", "c.example"}},
        {"block_senders",
         "?order=pattern",
         {"1.2.3.4", "a@b.example", "b.example", "c.example", "old"}},
        {"block_senders",
         "?order=pattern&direction=desc",
         {"old", "c.example", "b.example", "a@b.example", "1.2.3.4"}},
        {"block_senders", "?order=pattern&per_page=2&page=2", {"b.example", "c.example"}},
        {"block_senders", "?per_page=2", {"c.example", "a@b.example"}},
        {"block_senders", "?per_page=2&page=3", {"old"}},
        {"block_senders", "?per_page=2&page=4", {}},
        {"block_senders", "?per_page=1000&page=18446744073709551615", {}},
        {"block_senders", "?per_page=2&page=2&direction=desc", {"1.2.3.4", "a@b.example"}},
        {"block_senders", "?pattern_type=DOMAIN", {"c.example", "b.example"}},
        {"block_senders", "?pattern_type=UNKNOWN", {"old"}},
        {"block_senders", "?pattern_type=DOMAIN&per_page=1&page=2", {"b.example"}},
        {"block_senders", "?pattern_type=DOMAIN&order=pattern", {"b.example", "c.example"}},
        {"block_senders", "?pattern=b.example", {"b.example"}},
        {"block_senders", "?pattern=a%40b.example", {"a@b.example"}},
        {"block_senders", "?pattern=B.example", {}},
        {"block_senders", "?pattern=b.example&pattern_type=IP", {}},
        {"block_senders", "?search=B.EXAMPLE", {"a@b.example", "b.example"}},
        {"block_senders", "?search=incident", {"a@b.example"}},
        {"block_senders", "?search=from+inc", {"a@b.example"}},
        {"block_senders", "?search=", {"c.example", "a@b.example", "1.2.3.4", "b.example", "old"}},
        {"block_senders",
         "?unheard_of=1",
         {"c.example", "a@b.example", "1.2.3.4", "b.example", "old"}},
        {"allow_policies", "", {"p.example", "q.example"}},
        {"allow_policies", "?is_exempt_recipient=true", {"p.example"}},
        {"allow_policies", "?is_trusted_sender=false", {"p.example"}},
        {"allow_policies", "?is_acceptable_sender=true", {"q.example"}},
        {"allow_policies", "?verify_sender=true", {"p.example", "q.example"}},
        {"allow_policies", "?verify_sender=false", {}},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.collection << one.query) {
            answer const got = c.send("GET", path_of(one.collection, one.query));
            BOOST_TEST(got.status == 200U);
            BOOST_TEST(listed(got) == one.expected, boost::test_tools::per_element());
            BOOST_TEST(got.json("/result_info/count") == one.expected.size());
            // Without filters, as the API describes it.
            BOOST_TEST(got.json("/result_info/total_count") ==
                       (one.collection == "block_senders" ? 5 : 2));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_it_says_of_the_page) {
    answer const first = c.send("GET", path_of("block_senders"));
    BOOST_TEST(first.json("/result_info/page") == 1);
    BOOST_TEST(first.json("/result_info/per_page") == 20);
    answer const second = c.send("GET", path_of("block_senders", "?page=2&per_page=3"));
    BOOST_TEST(second.json("/result_info/page") == 2);
    BOOST_TEST(second.json("/result_info/per_page") == 3);
}

BOOST_AUTO_TEST_CASE(the_longest_pattern_can_be_asked_for) {
    std::string encoded;
    for (int i = 0; i != 1024; ++i) encoded += "%F0%9F%98%80";
    answer const got = c.send("GET", path_of("block_senders", "?pattern=" + encoded));
    BOOST_TEST(got.status == 200U);
}

BOOST_AUTO_TEST_CASE(queries_that_are_refused) {
    for (std::string const query :
         {"?page=0", "?page=-1", "?page=x", "?page=", "?page=1x", "?per_page=0", "?per_page=1001",
          "?per_page=1.5", "?order=comments", "?order=x", "?order=", "?direction=up",
          "?direction=ASC", "?pattern_type=domain",
          "?pattern_type=", "?page=99999999999999999999"}) {
        BOOST_TEST_CONTEXT(query) {
            answer const got = c.send("GET", path_of("block_senders", query));
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(got.json("/errors/0/code") == 10400);
        }
    }
    BOOST_TEST(c.send("GET", path_of("allow_policies", "?verify_sender=1")).status == 400U);
}

BOOST_AUTO_TEST_CASE(pages_of_a_list_that_changes) {
    std::vector<std::string> many;
    for (int i = 0; i != 250; ++i) many.push_back("host-" + std::to_string(i) + ".example");
    server.seed_block_senders("busy", many);
    std::string const all = path_of("block_senders", "", "busy");
    BOOST_TEST(
        listed(c.send("GET", all + "?order=pattern&per_page=1")) == strings{"host-0.example"},
        boost::test_tools::per_element());

    json::value const page = c.send("GET", all + "?per_page=1000").json("/result");
    json::array const& before = page.as_array();
    for (std::size_t i = 0; i < before.size(); i += 2) {
        std::string const id = json::value_to<std::string>(before[i].at("id"));
        BOOST_TEST(c.send("DELETE", all + '/' + id).status == 200U);
    }
    c.send("POST", all, test::block_sender("a.example"));
    strings expected;
    for (std::size_t i = 1; i < many.size(); i += 2) expected.push_back(many[i]);
    expected.push_back("a.example");
    BOOST_TEST(server.patterns("busy") == expected, boost::test_tools::per_element());
    BOOST_TEST(listed(c.send("GET", all + "?order=pattern&per_page=1")) == strings{"a.example"},
               boost::test_tools::per_element());

    // Places that were given up are taken again, without a trace of who had them.
    server.seed_block_senders("busy", many);
    expected.insert(expected.end(), many.begin(), many.end());
    BOOST_TEST(server.patterns("busy") == expected, boost::test_tools::per_element());
    BOOST_TEST(listed(c.send("GET", all + "?per_page=2&page=63")) ==
                   (strings{"host-249.example", "a.example"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
