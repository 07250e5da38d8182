#include "client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::block_sender;
using test::client;
using test::error_pointers;
using test::path_of;

namespace {

using strings = std::vector<std::string>;

/// A batch body with the given arrays; the others are empty.
json::object batch(json::object given) {
    for (char const* const name : {"deletes", "patches", "puts", "posts"}) {
        given.emplace(name, json::array());
    }
    return given;
}

json::value post(std::string_view pattern) {
    return json::parse(block_sender(pattern));
}

struct batches {
    batches() { server.seed_block_senders("acc", {"a.example", "b.example", "c.example"}); }

    answer send(json::object const& body) {
        return c.send("POST", path_of("block_senders", "/batch"), json::serialize(body));
    }
    json::value id(std::string_view pattern) {
        std::string const query = "?pattern=" + std::string{pattern};
        return c.send("GET", path_of("block_senders", query)).json("/result/0/id");
    }

    sim::server server;
    client c{server};
};

struct strict_batches {
    strict_batches() { server.seed_block_senders("acc", {"a.example", "b.example"}); }

    sim::options opts = sim::options{}.on_duplicate(sim::duplicates::conflict);
    sim::server server{opts};
    client c{server};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batch_of_all_kinds, batches)

BOOST_AUTO_TEST_CASE(does_all_four) {
    json::value const a = id("a.example");
    json::value const b = id("b.example");
    json::value const third = id("c.example");
    json::object body;
    body["deletes"] = {{{"id", a}}};
    body["patches"] = {{{"id", b}, {"comments", "patched"}}};
    body["puts"] = {
        {{"id", third}, {"pattern", "d.example"}, {"pattern_type", "DOMAIN"}, {"is_regex", false}}};
    body["posts"] = {post("e.example"), post("f.example")};
    answer const got = send(batch(body));
    BOOST_TEST(got.status == 200U);
    BOOST_TEST(got.json("/result/deletes") == (json::value{{{"id", a}}}));
    BOOST_TEST(got.json("/result/patches/0/id") == b);
    BOOST_TEST(got.json("/result/patches/0/pattern") == "b.example");
    BOOST_TEST(got.json("/result/patches/0/comments") == "patched");
    BOOST_TEST(got.json("/result/puts/0/id") == third);
    BOOST_TEST(got.json("/result/puts/0/pattern") == "d.example");
    BOOST_TEST(got.json("/result/posts").as_array().size() == 2U);
    BOOST_TEST(got.json("/result/posts/1/pattern") == "f.example");
    BOOST_TEST(
        server.patterns("acc") == (strings{"b.example", "d.example", "e.example", "f.example"}),
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_put_clears_what_it_does_not_give) {
    json::value const a = id("a.example");
    json::object patch;
    patch["patches"] = {{{"id", a}, {"comments", "to go"}}};
    BOOST_TEST(send(batch(patch)).status == 200U);
    json::object put;
    put["puts"] = {{{"id", a}, {"is_regex", false}}};
    BOOST_TEST(
        error_pointers(send(batch(put))) == (strings{"/puts/0/pattern", "/puts/0/pattern_type"}),
        boost::test_tools::per_element());
    put["puts"] = {
        {{"id", a}, {"pattern", "a.example"}, {"pattern_type", "DOMAIN"}, {"is_regex", false}}};
    answer const got = send(batch(put));
    BOOST_TEST(got.json("/result/puts/0/comments").is_null());
    BOOST_TEST(got.json("/result/puts/0/pattern") == "a.example");
}

BOOST_AUTO_TEST_CASE(empty_arrays_change_nothing) {
    answer const got = send(batch({}));
    BOOST_TEST(got.status == 200U);
    BOOST_TEST(got.json("/result") == (json::value(batch({}))));
}

BOOST_AUTO_TEST_CASE(every_fault_is_named_and_nothing_is_done) {
    std::string const before = server.entries("acc");
    json::object body;
    body["deletes"] = {{{"id", id("a.example")}}, {{"id", "nonsense"}}, json::object{}, 7};
    body["patches"] = {
        {{"id", id("a.example")}, {"comments", "deleted above"}},
        {{"id", id("b.example")}, {"comments", "fine"}},
        {{"id", "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"}, {"comments", "unknown"}},
        {{"id", id("b.example")}, {"pattern", 3}},
    };
    body["puts"] = {{{"id", id("c.example")},
                     {"pattern", "c.example"},
                     {"pattern_type", "IP"},
                     {"is_regex", false}}};
    body["posts"] = {post("d.example"), post("no domain"), nullptr, json::object{}};
    answer const got = send(batch(body));
    BOOST_TEST(got.status == 400U);
    BOOST_TEST(
        error_pointers(got) ==
            (strings{"/deletes/1/id", "/deletes/2/id", "/deletes/3", "/patches/0/id",
                     "/patches/2/id", "/patches/3/pattern", "/puts/0/pattern", "/posts/1/pattern",
                     "/posts/2", "/posts/3/pattern", "/posts/3/pattern_type", "/posts/3/is_regex"}),
        boost::test_tools::per_element());
    BOOST_TEST(server.entries("acc") == before);
    // And the next one finds all in order.
    BOOST_TEST(c.send("GET", path_of("block_senders")).json("/result_info/count") == 3);
    json::object good;
    good["deletes"] = {{{"id", id("a.example")}}};
    BOOST_TEST(send(batch(good)).status == 200U);
}

BOOST_AUTO_TEST_CASE(an_unknown_id_alone_is_not_found) {
    json::object body;
    body["deletes"] = {{{"id", "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"}}};
    answer const got = send(batch(body));
    BOOST_TEST(got.status == 404U);
    BOOST_TEST(error_pointers(got) == strings{"/deletes/0/id"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(arrays_that_are_missing_or_none) {
    for (char const* const name : {"deletes", "patches", "puts", "posts"}) {
        json::object missing = batch({});
        missing.erase(name);
        json::object other = batch({});
        other[name] = json::object{};
        for (json::object const& body : {missing, other}) {
            answer const got = send(body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == strings{'/' + std::string{name}},
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_of_a_kind_and_no_more) {
    json::array posts;
    for (int i = 0; i != 1000; ++i) posts.push_back(post("n" + std::to_string(i) + ".example"));
    answer const full = send(batch({{"posts", posts}}));
    BOOST_TEST(full.status == 200U);
    BOOST_TEST(full.json("/result/posts").as_array().size() == 1000U);
    posts.push_back(post("one-more.example"));
    answer const over = send(batch({{"posts", posts}}));
    BOOST_TEST(over.status == 400U);
    BOOST_TEST(error_pointers(over) == strings{"/posts"}, boost::test_tools::per_element());
    BOOST_TEST(server.patterns("acc").size() == 1003U);
}

BOOST_AUTO_TEST_CASE(no_more_than_a_hundred_errors) {
    json::array posts;
    for (int i = 0; i != 500; ++i) posts.push_back(post("no domain"));
    BOOST_TEST(error_pointers(send(batch({{"posts", posts}}))).size() == 100U);
    BOOST_TEST(server.patterns("acc").size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(batch_without_duplicates, strict_batches)

BOOST_AUTO_TEST_CASE(conflicts_are_named) {
    std::string const target = path_of("block_senders", "/batch");
    json::object body;
    body["posts"] = {post("c.example"), post("a.example"), post("d.example"), post("c.example")};
    answer const got = c.send("POST", target, json::serialize(batch(body)));
    BOOST_TEST(got.status == 409U);
    BOOST_TEST(error_pointers(got) == (strings{"/posts/1", "/posts/3"}),
               boost::test_tools::per_element());
    BOOST_TEST(server.patterns("acc") == (strings{"a.example", "b.example"}),
               boost::test_tools::per_element());

    body["posts"] = {post("c.example"), post("d.example")};
    BOOST_TEST(c.send("POST", target, json::serialize(batch(body))).status == 200U);
}

BOOST_AUTO_TEST_CASE(what_an_earlier_part_makes_room_for) {
    json::value const listed = c.send("GET", path_of("block_senders")).json("/result");
    json::object body;
    body["deletes"] = {{{"id", listed.at_pointer("/0/id")}}};
    body["patches"] = {{{"id", listed.at_pointer("/1/id")}, {"pattern", "c.example"}}};
    body["posts"] = {post("a.example"), post("b.example")};
    std::string const target = path_of("block_senders", "/batch");
    BOOST_TEST(c.send("POST", target, json::serialize(batch(body))).status == 200U);
    BOOST_TEST(server.patterns("acc") == (strings{"c.example", "a.example", "b.example"}),
               boost::test_tools::per_element());

    // Taken back as a whole, the old keys are taken and the new ones free.
    json::value const now = c.send("GET", path_of("block_senders")).json("/result");
    body["deletes"] = {{{"id", now.at_pointer("/0/id")}}};
    body["patches"] = {{{"id", now.at_pointer("/1/id")}, {"pattern", "x.example"}}};
    body["posts"] = json::array{post("b.example")};
    BOOST_TEST(c.send("POST", target, json::serialize(batch(body))).status == 409U);
    for (char const* const pattern : {"a.example", "b.example", "c.example"}) {
        BOOST_TEST(c.send("POST", path_of("block_senders"), block_sender(pattern)).status == 409U);
    }
    BOOST_TEST(c.send("POST", path_of("block_senders"), block_sender("x.example")).status == 201U);
}

BOOST_AUTO_TEST_SUITE_END()
