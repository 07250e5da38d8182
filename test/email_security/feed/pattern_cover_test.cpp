// Patterns that others take in: covered ones of a feed, and conflicts of block and allow.
#include "email_security/sync/fixture.hpp"

#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

using namespace test;

BOOST_AUTO_TEST_SUITE(cover)

namespace {

/// "pattern<wider" for each covered entry of a text feed.
std::vector<std::string> covered(std::string const& text) {
    auto const feed = feed_of(text);
    std::vector<std::string> found;
    for (auto const& each : es::describe_covered(feed, es::find_covered(feed))) {
        found.push_back(each.pattern + '<' + each.by_pattern);
    }
    return found;
}

using texts = std::vector<std::string>;

/// "line blocked trusted overlap" for each conflict.
template <class Feed, class Where>
texts conflicts(fixture& f, Feed const& feed, Where const& where) {
    es::sender_list<typename Where::model> list;
    run(f.context, where.visit_all(list)).value();
    texts found;
    auto const report = es::find_conflicts(feed, list);
    for (auto const& each : report.conflicts) {
        found.push_back(std::to_string(each.line) + ' ' + each.blocked + ' ' + each.trusted + ' ' +
                        std::string{cf::wire_name(each.overlap)});
    }
    return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(by_the_narrowest_wider_pattern) {
    auto const found = covered(
        "a.b.example\nb.example\nx.a.b.example\nab.example\nuser@b.example\nuser@x.b.example\n"
        "8.8.8.8\n8.8.0.0/16\n8.8.8.0/24\n8.8.9.0/24\n9.9.9.9\n8.9.0.0/16\n8.8.8.255\n");
    auto const expected =
        texts{"a.b.example<b.example",      "x.a.b.example<a.b.example", "user@b.example<b.example",
              "user@x.b.example<b.example", "8.8.8.8<8.8.8.0/24",        "8.8.8.0/24<8.8.0.0/16",
              "8.8.9.0/24<8.8.0.0/16",      "8.8.8.255<8.8.8.0/24"};
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blocks_of_both_families) {
    auto const found = covered(
        "2620:fe::fe\n2620:fe::/48\n2620:FE:0:0::/64\n2620:ff::1\n::ffff:8.8.8.8\n8.8.8.0/24\n"
        "2620::/16\n64:ff9b::8.8.8.8\n");
    auto const expected =
        texts{"2620:fe::fe<2620:fe::/64", "2620:fe::/48<2620::/16", "2620:fe::/64<2620:fe::/48",
              "2620:ff::1<2620::/16", "8.8.8.8<8.8.8.0/24"};
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(not_by_expressions_or_by_what_says_something_else) {
    BOOST_TEST(
        covered("pattern,pattern_type,is_regex\nb.example,DOMAIN,true\na.b.example,,\n").empty());
    auto const allowed = feed_of<es::allow_policies_traits>(
        "pattern,is_trusted_sender,comments\nb.example,true,x\na.b.example,false,x\n"
        "c.b.example,true,y\n");
    auto const found = es::find_covered(allowed);
    BOOST_REQUIRE(found.size() == 1);
    BOOST_TEST(allowed.entries[found[0].entry].item.pattern() == "c.b.example");
    auto const trusted = feed_of<es::trusted_domains_traits>("b.example\na.b.example\n");
    BOOST_TEST(es::find_covered(trusted).empty());
}

BOOST_AUTO_TEST_CASE(dropped_when_asked) {
    auto feed = feed_of("a.b.example\nb.example\nA.b.example\nc.example\nC.example\nu@c.example\n");
    BOOST_TEST(feed.repeated.size() == 2);
    auto const found = es::find_covered(feed);
    BOOST_TEST(found.size() == 2);
    es::drop_covered(feed, found);
    BOOST_TEST(patterns_in(feed) == (texts{"b.example", "c.example"}),
               boost::test_tools::per_element());
    BOOST_REQUIRE(feed.repeated.size() == 1);
    BOOST_TEST(feed.entries[feed.repeated[0].entry].item.pattern() == "c.example");
    fixture f;
    BOOST_TEST(f.sync(feed).created == 2);
}

BOOST_AUTO_TEST_CASE(blocks_nest_as_a_slow_search_says) {
    std::minstd_rand random{17};
    std::set<std::string> texts_of_blocks;
    while (texts_of_blocks.size() < 400) {
        // Few enough addresses that they meet often.
        auto const prefix = 20 + random() % 13;
        auto const address = (8U << 24U) + (random() % 4096);
        auto const text = std::to_string(address >> 24U) + ".0." +
                          std::to_string(address >> 8U & 255U) + '.' +
                          std::to_string(address & 255U) + '/' + std::to_string(prefix);
        texts_of_blocks.insert(es::recognise_pattern(text).value().pattern);
    }
    std::string text;
    for (auto const& each : texts_of_blocks) text += each + '\n';
    struct parsed {
        std::uint32_t first = 0;
        unsigned prefix = 0;
    };
    auto const parse = [](std::string const& pattern) {
        parsed made;
        unsigned part[4] = {};
        made.prefix = 32;
        std::sscanf(pattern.c_str(), "%u.%u.%u.%u/%u", part, part + 1, part + 2, part + 3,
                    &made.prefix);
        made.first = part[0] << 24U | part[1] << 16U | part[2] << 8U | part[3];
        return made;
    };
    std::vector<std::string> expected;
    auto const feed = feed_of(text);
    for (auto const& narrow : feed.entries) {
        auto const n = parse(narrow.item.pattern());
        std::string best;
        unsigned best_prefix = 0;
        for (auto const& wide : feed.entries) {
            auto const w = parse(wide.item.pattern());
            bool const contains =
                w.prefix < n.prefix && w.first >> (32U - w.prefix) == n.first >> (32U - w.prefix);
            if (contains && w.prefix >= best_prefix) {
                best = wide.item.pattern();
                best_prefix = w.prefix;
            }
        }
        if (!best.empty()) expected.push_back(narrow.item.pattern() + '<' + best);
    }
    BOOST_TEST(expected.size() > 100);
    BOOST_TEST(covered(text) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(conflicts_in_both_directions) {
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([
        {"pattern":"Same.Example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true},
        {"pattern":"wide.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true},
        {"pattern":"boss@big.example","pattern_type":"EMAIL","is_regex":false,
         "is_trusted_sender":true},
        {"pattern":"8.8.0.0/16","pattern_type":"IP","is_regex":false,"is_trusted_sender":true},
        {"pattern":".*@re","pattern_type":"EMAIL","is_regex":true,"is_trusted_sender":true},
        {"pattern":"ok.example","pattern_type":"DOMAIN","is_regex":false,
         "is_acceptable_sender":true},
        {"pattern":"to@me.example","pattern_type":"EMAIL","is_regex":false,
         "is_exempt_recipient":true}])");
    auto const blocked = feed_of(
        "pattern,pattern_type,is_regex\nbig.example,,\nx.wide.example,,\nsame.example,,\n"
        "8.8.8.0/24,,\n.*@re,EMAIL,true\nok.example,,\nme.example,,\nfine.example,,\n");
    auto const expected =
        texts{"2 big.example boss@big.example blocked_is_wider",
              "3 x.wide.example wide.example trusted_is_wider", "4 same.example same.example same",
              "5 8.8.8.0/24 8.8.0.0/16 trusted_is_wider", "6 .*@re .*@re same"};
    BOOST_TEST(conflicts(f, blocked, es::allow_policies{f.client, account}) == expected,
               boost::test_tools::per_element());

    BOOST_TEST(f.sync(blocked).created == 8);
    auto const allowed = feed_of<es::allow_policies_traits>(
        "pattern,is_trusted_sender\nu@same.example,true\n8.8.8.8,true\nwide.example,true\n"
        "big.example,false\n");
    auto const reverse = texts{"2 same.example u@same.example blocked_is_wider",
                               "3 8.8.8.0/24 8.8.8.8 blocked_is_wider",
                               "4 x.wide.example wide.example trusted_is_wider"};
    BOOST_TEST(conflicts(f, allowed, f.blocked()) == reverse, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
