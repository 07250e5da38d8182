#include "faults.hpp"

#include "client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>
#include <vector>

namespace sim = cloudflare::simulator;
using test::answer;
using test::block_sender;
using test::client;
using test::path_of;
using test::raw_answer;

namespace {

/// Which of the first `count` requests of a method a plan strikes, counted from 1.
std::vector<int> struck(std::string_view spec, int count, std::uint64_t seed = 0,
                        std::string_view method = "GET") {
    sim::fault_plan plan(spec, seed);
    std::vector<int> result;
    for (int i = 1; i <= count; ++i) {
        if (plan.next(method)) result.push_back(i);
    }
    return result;
}

/// A server whose first request meets the fault.
struct faulty {
    explicit faulty(std::string const& kind) : server(sim::options{}.fault(kind + "#1")) {}

    void create() { c.write("POST", path_of("block_senders"), block_sender("a.example")); }
    answer send_create() {
        return c.send("POST", path_of("block_senders"), block_sender("a.example"));
    }
    bool processed() const { return !server.patterns("acc").empty(); }

    sim::server server;
    client c{server};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(the_language) {
    using ints = std::vector<int>;
    BOOST_TEST(struck("", 9) == ints{}, boost::test_tools::per_element());
    BOOST_TEST(struck("500#2", 9) == ints{2}, boost::test_tools::per_element());
    BOOST_TEST(struck("500#2-4,hang#7", 9) == (ints{2, 3, 4, 7}), boost::test_tools::per_element());
    BOOST_TEST(struck("POST:500#2-4", 9) == ints{}, boost::test_tools::per_element());
    BOOST_TEST(struck("GET:500#2", 9) == ints{2}, boost::test_tools::per_element());
    BOOST_TEST(struck("reset-after@0", 100).empty());
    BOOST_TEST(struck("reset-after@1", 100).size() == 100U);
    BOOST_TEST(struck("reset-after@1.0,500@0.5", 100).size() == 100U);

    sim::fault_plan by_method("POST:500#2");
    BOOST_TEST(!by_method.next("POST"));
    BOOST_TEST(!by_method.next("GET"));
    BOOST_TEST(by_method.next("POST").has_value());
    sim::fault_plan first_wins("500#1,502#1-2");
    BOOST_TEST(first_wins.next("GET")->status == 500U);
    BOOST_TEST(first_wins.next("GET")->status == 502U);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_faults) {
    auto const once = struck("500@0.1", 10000, 7);
    BOOST_TEST(once == struck("500@0.1", 10000, 7), boost::test_tools::per_element());
    BOOST_TEST((once != struck("500@0.1", 10000, 8)));
    BOOST_TEST(once.size() > 900U);
    BOOST_TEST(once.size() < 1100U);
}

BOOST_AUTO_TEST_CASE(what_is_malformed) {
    sim::server server;
    for (char const* const spec : {"500",
                                   "500@",
                                   "500@x",
                                   "500@1.1",
                                   "500@-0.1",
                                   "500@nan",
                                   "500#0",
                                   "500#",
                                   "500#2-1",
                                   "500#1-",
                                   "500#x",
                                   "50#1",
                                   "5000#1",
                                   "200#1",
                                   "600#1",
                                   "nothing#1",
                                   "#1",
                                   ":500#1",
                                   "500#1,",
                                   ",500#1",
                                   "500#1,,500#2",
                                   " 500#1",
                                   "500-html-after#1",
                                   "500-html-late#1",
                                   "hang-html#1"}) {
        BOOST_TEST_CONTEXT(spec) {
            BOOST_CHECK_THROW(sim::options{}.fault(spec), std::invalid_argument);
            BOOST_CHECK_THROW(server.set_fault(spec), std::invalid_argument);
        }
    }
}

BOOST_AUTO_TEST_CASE(resets) {
    for (std::string const kind : {"reset-before", "reset-after"}) {
        BOOST_TEST_CONTEXT(kind) {
            faulty f(kind);
            f.create();
            raw_answer const got = f.c.read_to_end();
            BOOST_TEST(got.bytes.empty());
            BOOST_TEST(got.end == boost::asio::error::connection_reset);
            BOOST_TEST(f.processed() == (kind == "reset-after"));
            BOOST_TEST(f.server.take_log().at(0).status == 0U);
            f.c.reconnect();
            BOOST_TEST(f.send_create().status == 201U);
            BOOST_TEST(f.server.stats().faults == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(late_ones_are_processed_after_the_next_write) {
    faulty f("500-late");
    BOOST_TEST(f.send_create().status == 500U);
    BOOST_TEST(!f.processed());
    BOOST_TEST(f.c.send("GET", path_of("block_senders")).status == 200U);
    BOOST_TEST(!f.processed());
    auto const body = block_sender("b.example");
    BOOST_TEST(f.c.send("POST", path_of("block_senders"), body).status == 201U);
    std::vector<std::string> const both{"b.example", "a.example"};
    BOOST_TEST(f.server.patterns("acc") == both, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(statuses) {
    struct {
        std::string kind;
        unsigned status;
        bool html;
        bool processed;
    } const cases[] = {
        {"500", 500, false, false},     {"500-after", 500, false, true}, {"503", 503, false, false},
        {"503-html", 503, true, false}, {"520-html", 520, true, false},  {"429", 429, false, false},
        {"404", 404, false, false},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.kind) {
            faulty f(one.kind);
            answer const got = f.send_create();
            BOOST_TEST(got.status == one.status);
            BOOST_TEST(f.processed() == one.processed);
            BOOST_TEST(got.headers.contains("cf-ray"));
            if (one.html) {
                BOOST_TEST(got.headers.at("content-type").starts_with("text/html"));
                BOOST_TEST(got.body.starts_with("<!DOCTYPE html>"));
            } else {
                BOOST_TEST(got.json("/success") == false);
                BOOST_TEST(got.json("/errors/0/code") == 10000 + one.status);
            }
            BOOST_TEST(got.headers.contains("retry-after") == (one.status == 429));
            BOOST_TEST(f.server.take_log().at(0).status == one.status);
            // The connection and the next request are fine.
            BOOST_TEST(f.send_create().status == 201U);
            BOOST_TEST(f.server.stats().refused_by_quota == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_truncated_answer) {
    faulty f("truncate");
    f.create();
    raw_answer const got = f.c.read_to_end();
    BOOST_TEST(got.end == boost::asio::ssl::error::stream_truncated);
    BOOST_TEST(got.bytes.starts_with("HTTP/1.1 201 "));
    std::size_t const length =
        std::stoul(got.bytes.substr(got.bytes.find("Content-Length: ") + 16));
    BOOST_TEST(got.bytes.size() - (got.bytes.find("\r\n\r\n") + 4) == length / 2);
    BOOST_TEST(f.processed());
}

BOOST_AUTO_TEST_CASE(an_answer_that_stalls) {
    faulty f("stall");
    f.create();
    std::string const head = f.c.read_until("{\"success\":true,");
    BOOST_TEST(head.starts_with("HTTP/1.1 201 "));
    BOOST_TEST(f.processed());
    f.server.drop_connections();
    raw_answer const rest = f.c.read_to_end();
    std::size_t const length = std::stoul(head.substr(head.find("Content-Length: ") + 16));
    std::size_t const body = head.size() + rest.bytes.size() - (head.find("\r\n\r\n") + 4);
    BOOST_TEST(body == length / 2);
}

BOOST_AUTO_TEST_CASE(no_answer_at_all) {
    for (std::string const kind : {"hang", "hang-after"}) {
        BOOST_TEST_CONTEXT(kind) {
            faulty f(kind);
            f.create();
            while (f.server.stats().faults == 0) std::this_thread::yield();
            BOOST_TEST(f.processed() == (kind == "hang-after"));
            f.server.drop_connections();
            BOOST_TEST(f.c.read_to_end().bytes.empty());
            BOOST_TEST(f.server.take_log().at(0).status == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(answers_that_make_no_sense) {
    faulty none("empty");
    answer const empty = none.send_create();
    BOOST_TEST(empty.status == 200U);
    BOOST_TEST(empty.body.empty());
    BOOST_TEST(empty.headers.at("content-length") == "0");
    BOOST_TEST(none.processed());

    faulty half("garbage");
    answer const garbage = half.send_create();
    BOOST_TEST(garbage.status == 200U);
    BOOST_TEST(garbage.body.starts_with("{\"success\":true"));
    BOOST_TEST(!garbage.body.ends_with("}"));
    BOOST_TEST(half.processed());
    BOOST_TEST(half.send_create().status == 201U);
}

BOOST_AUTO_TEST_CASE(can_be_changed_while_it_runs) {
    sim::server server;
    client c(server);
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    server.set_fault("502#1,503#2");
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 502U);
    server.set_fault("504#2");
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 504U);
    server.set_fault("500@1");
    server.set_fault("");
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(the_quota_refuses_before_a_fault_strikes) {
    sim::server const server(
        sim::options{}.request_quota(sim::quota{1, std::chrono::hours{1}}).fault("500@1"));
    client c(server);
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 500U);
    answer const refused = c.send("GET", path_of("block_senders"));
    BOOST_TEST(refused.status == 429U);
    BOOST_TEST(refused.headers.at("retry-after") == "3600");
    BOOST_TEST(server.stats().faults == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
