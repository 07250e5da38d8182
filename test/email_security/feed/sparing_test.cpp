// Whatever a line that cannot be taken may name is spared from pruning.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <random>

using namespace test;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_sparing)

namespace {

struct told {
    std::string text;
    names spared;
};
/// Read behind another line; what it names must be spared, or be an entry.
void check(told const& sample, block_feed const& feed) {
    for (auto const& each : sample.spared) {
        bool const is_kept = has(feed.spared, each) || has(patterns(feed), each);
        BOOST_TEST(is_kept, sample.text << " does not spare " << each);
    }
}

std::vector<told> const beside_other_characters{
    {"\u201cevil.test\u201d", {"evil.test"}},
    {"\u2018evil.test\u2019 x", {"evil.test"}},
    {"\u00abevil.test\u00bb", {"evil.test"}},
    {"evil.test\uff09", {"evil.test"}},
    {"\u3010evil.test\u3011", {"evil.test"}},
    {"\u2022evil.test", {"evil.test"}},
    {"evil.test\u3000seen", {"evil.test"}},
    {"evil.test\u2003seen", {"evil.test"}},
    {"evil.test\u202fseen", {"evil.test"}},
    {"evil.test\u2028seen", {"evil.test"}},
    {"evil.test\u0085seen", {"evil.test"}},
    {"evil.test\u2014b.example", {"evil.test", "b.example"}},
    {"evil.test\u2192b.example", {"evil.test", "b.example"}},
    {"evil.test\u3001b.example\uff0cc.example\uff1bd.example\uff1ae.example",
     {"evil.test", "b.example", "c.example", "d.example", "e.example"}},
    {"evil.test\u3002 seen", {"evil.test"}},
    {"a-b.test\u200e x", {"a-b.test"}},
    {"\u202ea-b.test\u202c", {"a-b.test"}},
    {"a-b\u200c.test", {"a-b.test"}},
    {"a-b\u180e.test", {"a-b.test"}},
    {"a-b\u2061.test \u2066", {"a-b.test"}},
    {"a\u2010b.test", {"a-b.test"}},
    // Names that IDNA2008 does not allow.
    {"\u2615.example", {"xn--53h.example"}},
    {"\u2615.example, x@i\u2764\ufe0f.example", {"xn--53h.example", "x@xn--i-7iq.example"}},
    {"a\u2011b.test x", {"a-b.test"}},
    {"a\u2212b.test", {"a-b.test"}},
    {"a\u2013b.test", {"a-b.test"}},
    {"evil\u00b7test", {"evil.test"}},
    {"evil\u2024test", {"evil.test"}},
    {"\u201cx@evil.test\u201d", {"x@evil.test", "evil.test"}},
    {"\u2022x@evil.test", {"x@evil.test"}},
    {"x\u200b@evil.test seen", {"x@evil.test"}},
    {"\u200bx@evil.test seen", {"x@evil.test"}},
    {"x@evil.test\u3000seen", {"x@evil.test", "evil.test"}},
    {"x\uff20evil.test seen", {"x@evil.test"}},
    {"\uff58\uff20evil.test", {"x@evil.test"}},
    {"\uff11\uff11.22.33.4 x", {"11.22.33.4"}},
    {"11\u300222\u300233\u30024 x", {"11.22.33.4"}},
    {"11.22.33.4\u200e", {"11.22.33.4"}},
    {"a-b\u3002test note", {"a-b.test"}},
    {"b\u00fccher\u3002example note", {"xn--bcher-kva.example"}},
    {"\u201cb\u00fccher.example\u201d", {"xn--bcher-kva.example"}},
    {"\u2022B\u00dcCHER.example", {"xn--bcher-kva.example"}},
    {"EVIL\uff0eTEST,x", {"evil.test"}},
    {"\u4e2d\u6587.example\uff08\u8aac\u660e\uff09", {"xn--fiq228c.example"}}};

std::vector<told> const half_defanged{
    {"evil[.test", {"evil.test"}},
    {"evil.]test", {"evil.test"}},
    {"evil].[test", {"evil.test"}},
    {"evil[[.]]test", {"evil.test"}},
    {"evil(.]test", {"evil.test"}},
    {"evil(dot]test", {"evil.test"}},
    {"evil<.>test", {"evil.test"}},
    {"evil[,]test", {"evil.test"}},
    {"[evil].[test]", {"evil.test"}},
    {"evil.[.]test", {"evil.test"}},
    {"evil[.][.]test", {"evil.test"}},
    {"www[.]evil[.test", {"www.evil.test"}},
    {"x@evil[.test", {"x@evil.test"}},
    {"xn--bcher-kva[.example", {"xn--bcher-kva.example"}},
    {"11.22.33.[4]", {"11.22.33.4"}},
    {"11[.22[.33[.4", {"11.22.33.4"}},
    {"evil [.] test", {"evil.test"}},
    {"evil[ . ]test", {"evil.test"}},
    {"evil [dot] test", {"evil.test"}},
    {"see. evil [.] test. Blocked", {"evil.test"}},
    {"x [at] evil [dot] test", {"x@evil.test"}},
    {"x at evil dot test", {"x@evil.test", "evil.test"}},
    {"look at evil.test", {"evil.test"}},
    {"big[-]evil.test", {"big-evil.test"}},
    {"hxxp[:]//evil[.test", {"evil.test"}},
    {"evil%2Etest", {"evil.test"}},
    {"evil&#46;test", {"evil.test"}},
    {"evil\\.test", {"evil.test"}},
    {"evil\\046test", {"evil.test"}},
    {"evil\\u200b.test\\u3000x", {"evil.test"}},
    {"&lt;x@evil.test&gt;", {"x@evil.test", "evil.test"}},
    {"\"a b\"@evil.test seen", {"\"a b\"@evil.test"}}};

std::vector<told> const addresses{
    {"11.33.4.0/255.255.255.0", {"11.33.4.0/24"}},
    {"11.33.4.0/0.0.0.255", {"11.33.4.0/24"}},
    {"11.33.4.0 255.255.255.0", {"11.33.4.0/24"}},
    {"11.33.4.*", {"11.33.4.0/24"}},
    {"11.33.*.*", {"11.33.0.0/16"}},
    {"11.33.4.x", {"11.33.4.0/24"}},
    {"11.33.4", {"11.33.4.0/24"}},
    {"11.33.4.", {"11.33.4.0/24"}},
    {"11.33/16 x", {"11.33.0.0/16"}},
    {"11.33.4.0 / 24", {"11.33.4.0/24"}},
    {"11.33.4.7/24x", {"11.33.4.0/24", "11.33.4.7"}},
    {"11.33.4.0-255", {"11.33.4.0/24"}},
    {"11.33.4.0-11.33.4.255,", {"11.33.4.0/24"}},
    {"11.33.4.0 to 11.33.4.255", {"11.33.4.0/24"}},
    {"11.33.4.0\u201311.33.4.255", {"11.33.4.0/24"}},
    {"11.33.4.0,11.33.4.255", {"11.33.4.0", "11.33.4.255"}},
    {"11.22.33.004", {"11.22.33.4"}},
    {"011.22.33.04", {"11.22.33.4", "9.22.33.4"}},
    {"[2001:470:1::]/48", {"2001:470:1::/48"}},
    {"2001:470:1::-2001:470:1:ffff:ffff:ffff:ffff:ffff;", {"2001:470:1::/48"}},
    {"ipv6:2001:470:2::1", {"2001:470:2::1"}},
    {"IPv6:2001:470:2::1 x", {"2001:470:2::1"}},
    {"x@[IPv6:2001:470:2::1]", {"2001:470:2::1"}},
    {"[2001:470:2::1]:443", {"2001:470:2::1"}},
    {"2001:470:2::1%eth0", {"2001:470:2::1"}},
    {"2001:470:1 x", {"2001:470:1::/48"}},
    {"2001:470:1:*", {"2001:470:1::/48"}},
    {"11.22.33.4:25", {"11.22.33.4"}},
    {"4.33.22.11.in-addr.arpa x", {"11.22.33.4"}},
    {"32.4.33.22.11.rpz-nsip", {"11.22.33.4"}},
    {"24.0.4.33.11.rpz-client-ip.", {"11.33.4.0/24"}},
    {"48.zz.1.470.2001.rpz-nsip", {"2001:470:1::/48"}},
    {"128.1.zz.2.470.2001.rpz-nsip", {"2001:470:2::1"}},
    {"evil.test.rpz-nsdname", {"evil.test"}},
    {"evil.test.rpz.zone. CNAME .", {"evil.test"}}};

void check_all(std::vector<told> const& all) {
    for (auto const& each : all) {
        check(each, read("other.example\n" + each.text + '\n'));
        check(each, read("pattern,comments\nother.example,x\n\"" +
                         (contains(each.text, "\"") ? std::string{"x"} : each.text) + "\",y,z\n" +
                         (contains(each.text, "\"") ? each.text + ",1,2,3,4\n" : "")));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_name_beside_any_character) {
    check_all(beside_other_characters);
}

BOOST_AUTO_TEST_CASE(a_name_however_it_is_defanged) {
    check_all(half_defanged);
}

BOOST_AUTO_TEST_CASE(an_address_in_any_notation) {
    check_all(addresses);
}

BOOST_AUTO_TEST_CASE(what_an_item_in_memory_names) {
    std::vector<std::string> const all{"a.example", "\u201cevil.test\u201d", "11.33.4.*"};
    auto const feed = es::make_feed<es::block_senders_traits>(all).value();
    BOOST_TEST(has(feed.spared, "evil.test"));
    BOOST_TEST(has(feed.spared, "11.33.4.0/24"));
}

namespace {

struct line_kind {
    feed_format form;
    char const* before;
    char const* after;
};
std::ostream& operator<<(std::ostream& out, line_kind const& each) {
    return out << cf::wire_name(each.form);
}

constexpr std::array kinds{
    line_kind{feed_format::text, "", ""},
    line_kind{feed_format::csv, "pattern,comments\n", ",x,y,z"},
    line_kind{feed_format::hosts, "0.0.0.0 ", ""},
    line_kind{feed_format::adblock, "||", "^"},
    line_kind{feed_format::rpz, "", " CNAME ."},
    line_kind{feed_format::dnsmasq, "address=/", "/0.0.0.0"},
    line_kind{feed_format::unbound, "local-zone: \"", "\" refuse"},
    line_kind{feed_format::postfix, "", " REJECT"},
    line_kind{feed_format::json_lines, "{\"pattern\":\"", "\"}"},
    line_kind{feed_format::json, "[\"", "\"]"},
    line_kind{feed_format::stix, "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = '",
              "']\"}"},
    line_kind{feed_format::misp, "{\"Attribute\":[{\"type\":\"domain\",\"to_ids\":1,\"value\":\"",
              "\"}]}"}};

constexpr std::array<char const*, 10> some_names{
    "evil.test", "a-b.evil.co.uk", "xn--bcher-kva.example", "x@evil.test", "x.y+z@a.example",
    "9.9.9.9",   "9.9.9.0/24",     "2620:fe::fe",           "2620:fe::/48", "EVIL.Example"};
/// Characters that are in no name, also such that nobody sees.
constexpr std::array<char const*, 26> between{
    " ",      "(",      ")",      "<",      ">",      "|",      "\u201c", "\u2019", "\u00ab",
    "\u3001", "\u2022", "\u3000", "\u2028", "\u200b", "\u200e", "\u202e", "\u2014", "\u2192",
    "\u00b6", "\u2713", "\uff1b", "\uff0c", "\u2066", "\u00a0", "\ufe0f", "\u20ac"};

}  // namespace

BOOST_DATA_TEST_CASE(a_name_between_what_no_name_has, kinds) {
    std::mt19937 random{20261128};
    std::size_t rejected = 0;
    for (int i = 0; i != 150; ++i) {
        std::string line;
        names all;
        auto const part = [&] {
            for (auto count = 1 + random() % 3; count > 0; --count) {
                line += between[random() % between.size()];
            }
        };
        for (auto count = 1 + random() % 3; count > 0; --count) {
            part();
            std::string const name{some_names[random() % some_names.size()]};
            // There, a slash parts names.
            if (sample.form == feed_format::dnsmasq && contains(name, "/")) continue;
            all.push_back(name);
            line += name;
        }
        part();
        auto const feed = try_read(sample.before + line + sample.after + '\n',
                                   block_options{}.format(sample.form));
        if (!feed) continue;
        if (feed->rejected.empty()) continue;
        ++rejected;
        for (auto const& each : all) {
            auto const canonical = es::recognise_pattern(each).value().pattern;
            bool const is_kept =
                has(feed->spared, canonical) || has(patterns(*feed), canonical) ||
                has(exceptions(*feed), canonical);
            BOOST_TEST(is_kept, line << " does not spare " << canonical);
        }
    }
    BOOST_TEST(rejected > 50U);
}

BOOST_AUTO_TEST_CASE(a_long_line_takes_no_longer_by_the_byte) {
    // Each of these once took time by the square of its length, or was about to.
    for (auto const* const piece :
         {"a.", "a. ", "1.", "1a", "a:", "1:1.1", "[.", "@", "a@", "\"@", "(", "x@a.b ", "\u200b",
          "..", "1.1.1.1-", "=41", "\\"}) {
        std::string line;
        while (line.size() < es::max_feed_line - 64) line += piece;
        auto const feed = read("other.example\n" + line + " |\n");
        BOOST_TEST(patterns(feed).size() == 1U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
