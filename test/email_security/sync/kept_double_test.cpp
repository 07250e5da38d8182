// Which of several doubles stays, and that a server's own form of a pattern makes no doubles.
#include "fixture.hpp"

#include <cloudflare/detail/entry_identity.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

using namespace test;
namespace json = boost::json;

namespace {

using ids_by_pattern = std::map<std::string, std::vector<cf::identifier>>;

ids_by_pattern ids_in(sim::server const& server) {
    ids_by_pattern found;
    auto const all = json::parse(server.entries(account));
    for (auto const& each : all.as_array()) {
        auto const& id = each.at("id");
        found[std::string{each.at("pattern").as_string()}].push_back(
            id.is_string() ? cf::identifier{std::string{id.as_string()}}
                           : cf::identifier{id.as_int64()});
    }
    return found;
}

/// Each pattern must be there once, by the first of the identifiers that it ever had.
void check_first_stay(ids_by_pattern seen, ids_by_pattern const& left) {
    BOOST_TEST(seen.size() == left.size());
    for (auto& [pattern, ids] : seen) {
        BOOST_TEST_CONTEXT(pattern) {
            std::sort(ids.begin(), ids.end(), &es::comes_before);
            auto const& kept = left.at(pattern);
            BOOST_TEST(kept.size() == 1U);
            BOOST_TEST(kept.front().text() == ids.front().text());
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_doubles)

BOOST_AUTO_TEST_CASE(of_copies_in_the_list) {
    for (auto const form : {sim::identifier_form::integer, sim::identifier_form::uuid}) {
        fixture f{sim::options{}.identifiers(form).seed(7)};
        json::array all;
        auto const add = [&all](std::string const& pattern) {
            all.push_back({{"pattern", pattern}, {"pattern_type", "DOMAIN"}, {"is_regex", false}});
        };
        // Integers begin at 2401: the copies have some of four digits, and some of five.
        for (int i = 2401; i != 9970; ++i) add("other" + std::to_string(i) + ".example");
        for (int i = 0; i != 60; ++i) add("d" + std::to_string(i % 4) + ".example");
        f.server.seed_entries(account, "block_senders", json::serialize(all));
        auto const seen = ids_in(f.server);
        auto const report = f.sync(feed_of(domains(4)));
        BOOST_TEST(!report.failure);
        BOOST_TEST(report.deleted == 56);
        check_first_stay(seen, ids_in(f.server));
    }
}

BOOST_AUTO_TEST_CASE(of_what_was_applied_late) {
    fixture f{sim::options{}.seed(3).fault("POST:504-late#1")};
    ids_by_pattern seen;
    auto options = es::sync_options{}.concurrency(1).on_progress([&](es::sync_progress const&) {
        auto now = ids_in(f.server);
        auto const is_more = [&](auto const& each) {
            auto const known = seen.find(each.first);
            return known == seen.end() || known->second.size() < each.second.size();
        };
        if (std::any_of(now.begin(), now.end(), is_more)) seen = std::move(now);
    });
    auto const report = f.sync(feed_of(domains(40)), options);
    BOOST_TEST(!report.failure);
    BOOST_TEST(seen.size() == 40U);
    for (auto const& each : seen) BOOST_TEST(each.second.size() == 2U);
    check_first_stay(seen, ids_in(f.server));
}

BOOST_AUTO_TEST_CASE(a_server_that_normalises_gets_each_entry_once) {
    for (auto const rule : {sim::duplicates::accept, sim::duplicates::conflict}) {
        fixture f{sim::options{}.normalise(true).on_duplicate(rule)};
        auto const feed = feed_of("Sales@Evil.Example\nsales@evil.example\nEvil.Example\n");
        BOOST_TEST(feed.entries.size() == 2U);
        auto const first = f.sync(feed);
        BOOST_TEST(first.created == 2);
        BOOST_TEST(first.rejected.empty());
        auto const second = f.sync(feed);
        BOOST_TEST(second.unchanged == 2);
        BOOST_TEST(second.requests == 1);
        std::vector<std::string> const once{"evil.example", "sales@evil.example"};
        BOOST_TEST(f.patterns() == once, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
