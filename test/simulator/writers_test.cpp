#include "client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <set>
#include <string>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using namespace std::chrono_literals;
using test::block_sender;
using test::client;
using test::path_of;

namespace {

constexpr char const* collections[] = {"allow_policies",         "block_senders",
                                       "content_policies",       "domains",
                                       "trusted_domains",        "sending_domain_restrictions",
                                       "impersonation_registry", "url_ignore_patterns"};

std::size_t count_of(json::value const& answer) {
    return answer.at("result").as_array().size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(other_writers)

BOOST_AUTO_TEST_CASE(they_work_on_every_collection) {
    sim::server server{sim::options{}.request_quota(std::nullopt).writers(100).seed(3)};
    client c{server};
    for (std::string const each : collections) {
        BOOST_TEST_CONTEXT(each) {
            // What was there at first changes, goes, and is joined by others; each poll is a
            // request, and the server's clock goes on meanwhile.
            std::string last;
            bool has_edited = false;
            bool has_deleted = false;
            bool has_created = false;
            std::set<std::string> first;
            for (int i = 0; i != 20'000 && !(has_edited && has_deleted && has_created); ++i) {
                auto const got = c.send("GET", path_of(each) + "?per_page=1000").json();
                std::set<std::string> now;
                for (auto const& entry : got.at("result").as_array()) {
                    auto const id = json::value_to<std::string>(entry.at("id"));
                    now.insert(id);
                    has_edited = has_edited || entry.at("created_at") != entry.at("modified_at");
                    has_created = has_created || (!first.empty() && !first.contains(id));
                }
                for (auto const& id : first) has_deleted = has_deleted || !now.contains(id);
                if (first.empty()) first = std::move(now);
            }
            BOOST_TEST(first.size() > 10u);
            BOOST_TEST(has_edited);
            BOOST_TEST(has_deleted);
            BOOST_TEST(has_created);
        }
    }
}

BOOST_AUTO_TEST_CASE(they_leave_what_is_not_theirs) {
    sim::server server{sim::options{}.request_quota(std::nullopt).writers(100)};
    client c{server};
    auto const made = c.send("POST", path_of("block_senders"), block_sender("mine.example"));
    BOOST_TEST(made.status == 201u);
    auto const id = json::value_to<std::string>(made.json("/result").at("id"));
    for (int i = 0; i != 200; ++i) {
        auto const there = c.send("GET", path_of("block_senders", "/" + id));
        BOOST_REQUIRE(there.status == 200u);
        BOOST_REQUIRE(there.json("/result") == made.json("/result"));
    }
}

BOOST_AUTO_TEST_CASE(lists_that_lag_show_a_write_later) {
    sim::server server{sim::options{}.request_quota(std::nullopt).list_lag(300ms)};
    server.seed_block_senders("acc", {"old.example"});
    client c{server};
    auto const list = [&c] { return c.send("GET", path_of("block_senders")).json(); };
    BOOST_TEST(count_of(list()) == 1u);
    auto const begun = std::chrono::steady_clock::now();
    auto const made = c.send("POST", path_of("block_senders"), block_sender("new.example"));
    auto const id = json::value_to<std::string>(made.json("/result").at("id"));
    BOOST_TEST(c.send("GET", path_of("block_senders", "/" + id)).status == 200u);
    bool was_seen_without = false;
    for (;;) {
        auto const got = list();
        auto const count = count_of(got);
        BOOST_TEST(got.at("result_info").at("total_count").to_number<std::size_t>() == count);
        if (count == 2) break;
        was_seen_without = true;
    }
    BOOST_CHECK(std::chrono::steady_clock::now() - begun >= 300ms || !was_seen_without);
    c.send("PATCH", path_of("block_senders", "/" + id), R"({"comments":"edited"})");
    while (list().at("result").at(1).at("comments").is_null()) {
    }
    c.send("DELETE", path_of("block_senders", "/" + id));
    BOOST_TEST(c.send("GET", path_of("block_senders", "/" + id)).status == 404u);
    while (count_of(list()) == 2) {
    }
    BOOST_TEST(count_of(list()) == 1u);
    // What comes of a batch that fails is nothing.
    c.send("POST", path_of("block_senders", "/batch"),
           R"({"deletes":[],"patches":[],"puts":[],"posts":[)" + block_sender("x.example") +
               R"(,{"pattern":1}]})");
    BOOST_TEST(count_of(list()) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
