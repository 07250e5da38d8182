// What a line means: never more than what it names, and what it names stays spared.
#include "email_security/feed/named_in.hpp"
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <random>

using namespace test;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_meaning)

namespace {

struct taken {
    std::string text;
    names entries;
};
std::ostream& operator<<(std::ostream& out, taken const& each) {
    return out << each.text;
}

std::vector<taken> const good{
    {"big.example#x@evil.test", {"big.example#x@evil.test"}},
    {"big.example#EXT#@evil.test", {"big.example#EXT#@evil.test"}},
    {"evil.test #x", {"evil.test"}},
    {"evil.test\xC2\xA0; x", {"evil.test"}},
    {"*@evil.test", {"evil.test"}},
    {"@evil.test", {"evil.test"}},
    {"Evil.Test.", {"evil.test"}},
    {"Some Body <x@evil.test>", {"x@evil.test"}},
    {"\"Body, Some\" <x@evil.test>", {"x@evil.test"}},
    {"<x@evil.test>", {"x@evil.test"}},
    {"MAILTO:x@evil.test", {"x@evil.test"}},
    {"smtp:x@evil.test", {"x@evil.test"}},
    {"\"a b\"@evil.test", {"\"a b\"@evil.test"}},
    {"\"ab\"@evil.test", {"ab@evil.test"}},
    {"evil[.]test", {"evil.test"}},
    {"evil(dot)test", {"evil.test"}},
    {"x[at]evil[DOT]test", {"x@evil.test"}},
    {"x(@)evil.test", {"x@evil.test"}},
    {"9[.]9[.]9[.]9", {"9.9.9.9"}},
    {"9.9.9.0-9.9.9.255", {"9.9.9.0/24"}},
    {"9.9.9.1 - 9.9.9.6", {"9.9.9.1", "9.9.9.2/31", "9.9.9.4/31", "9.9.9.6"}},
    {"2620:FE:0::FE", {"2620:fe::fe"}},
    {"2620:fe::7/48 ; x", {"2620:fe::/48"}},
    {"::ffff:9.9.9.9", {"9.9.9.9"}},
    {"2620:fe::4-2620:fe::7", {"2620:fe::4/126"}},
    {"2620:fe:: - 2620:fe::ffff:ffff:ffff:ffff", {"2620:fe::/64"}},
    {"\"a # b\"@evil.test # x", {"\"a # b\"@evil.test"}},
    {"\"a ; // b\"@evil.test", {"\"a ; // b\"@evil.test"}},
    {"\"x[at]y\"@evil.test", {"\"x[at]y\"@evil.test"}},
    {"a{.}b@evil.test", {"a{.}b@evil.test"}},
    {"\u200bx@evil.test", {"x@evil.test"}},
    {"x\u200b@evil.test\u200e", {"x@evil.test"}},
    {"x\uff20evil.test", {"x@evil.test"}},
    {"11.22.33.4\u200b", {"11.22.33.4"}},
    {"\u200e2620:fe::fe\u200f", {"2620:fe::fe"}},
    {"\uff11\uff11.22.33.4", {"11.22.33.4"}},
    {"11\u300222\u300233\u30024", {"11.22.33.4"}},
    {"\u202aevil.test\u202c", {"evil.test"}},
    {"evil.test\u200d", {"evil.test"}},
    {"\u3000evil.test\u3000", {"evil.test"}},
    {"evil.co.za", {"evil.co.za"}},
    {"evil.localhost", {"evil.localhost"}}};

struct refused {
    std::string text;
    char const* reason;
    names spared;
};
std::ostream& operator<<(std::ostream& out, refused const& each) {
    return out << each.text;
}

std::vector<refused> const bad{
    {"evil.test#seen", "'#'", {"evil.test"}},
    {"evil.test  seen 2026", "a note needs '#'", {"evil.test"}},
    {"a.example b.example", "more than one word", {"a.example", "b.example"}},
    {"a.example,b.example", "','", {"a.example", "b.example"}},
    {"\"evil.test\"", "'\"'", {"evil.test"}},
    {"(evil.test)", "'('", {"evil.test"}},
    {"1. evil.test", "more than one word", {"evil.test"}},
    {"\xE2\x80\xA2 evil.test", "more than one word", {"evil.test"}},
    {"evil[.test", "'['", {}},
    {"evil[.]test]", "in part", {"evil.test"}},
    {"evil\\.test", "is_regex", {"evil.test"}},
    {"^evil\\.test$", "is_regex", {"evil.test"}},
    {"*.evil.test", "--wildcards", {"evil.test"}},
    {".evil.test", "--wildcards", {"evil.test"}},
    {"*@*.evil.test", "--wildcards", {"evil.test"}},
    {"http://evil.test/x", "--from-urls", {"evil.test"}},
    {"hxxps://evil[.]test/x", "--from-urls", {"evil.test"}},
    {"evil.test:8080", "--from-urls", {"evil.test"}},
    {"||evil.test^", "--format adblock", {"evil.test"}},
    {"under_score.evil.test", "'_'", {"score.evil.test"}},
    {"run.vbs", "top-level", {}},
    {"1.2.3", "IP address", {}},
    {"9.9.9.9:443", "a port", {"9.9.9.9"}},
    {"9.9.9.*", "wildcard", {}},
    {"9.9.9.0/255.255.255.0", "netmask", {}},
    {"9.9.9.009", "begins with 0", {}},
    {"9.9.9.9-9.9.9.1", "IP address", {"9.9.9.9", "9.9.9.1"}},
    {"[2620:fe::fe]:443", "'['", {"2620:fe::fe"}},
    {"ip:2620:fe::fe", "is not", {"2620:fe::fe"}},
    {"2620:fe::fe%eth0", "'%'", {"2620:fe::fe"}},
    {"2620:fe::fe/x", "0 to 128", {"2620:fe::fe"}},
    {"fe80::1", "link-local", {}},
    {"x@[9.9.9.9]", "'['", {"9.9.9.9"}},
    {"=?utf-8?q?x?= <x@evil.test>", "encoded word", {"x@evil.test"}},
    {"a@b.example <x@evil.test>", "more than one", {"x@evil.test", "a@b.example"}},
    {"mailto:x@evil.test?subject=a", "more than the address", {"x@evil.test"}},
    {"x@evil.test;", "';' behind the domain", {"x@evil.test"}},
    {"x@evil.test:25", "a port", {"x@evil.test"}},
    {"x@evil.test/y", "a path", {"x@evil.test"}},
    {"*", "for everything", {}},
    {"*@*", "for everything", {}},
    {"*.", "without a name", {}},
    {".x@evil.test", "begins with a dot", {"x@evil.test"}},
    {"*.b\u00fccher.example", "--wildcards", {"xn--bcher-kva.example"}},
    {"evil.test\\", "a backslash", {"evil.test"}},
    {"evil.test^", "'^'", {"evil.test"}},
    {"evil\u2022.test", "U+2022", {"evil.test"}},
    {"-evil.test", "hyphen", {"evil.test"}},
    {"a..test", "empty label", {"a.test"}},
    {"::/129", "0 to 128", {}},
    {"9.9.9.0/33", "0 to 32", {"9.9.9.0"}},
    {"a\x01.example", "control", {}}};

}  // namespace

BOOST_DATA_TEST_CASE(is_taken_as_it_is_meant, good) {
    auto const feed = read(sample.text + "\nother.example\n");
    auto expected = sample.entries;
    expected.push_back("other.example");
    CHECK_SAME(patterns(feed), expected);
    BOOST_TEST(feed.rejected.empty());
}

BOOST_DATA_TEST_CASE(is_rejected_with_the_way_out, bad) {
    auto const feed = read("other.example\n" + sample.text + '\n');
    CHECK_SAME(patterns(feed), names{"other.example"});
    BOOST_REQUIRE(feed.rejected.size() == 1U);
    BOOST_TEST(feed.rejected[0].line == 2);
    BOOST_TEST(contains(feed.rejected[0].reason, sample.reason), feed.rejected[0].reason);
    for (auto const& each : sample.spared) BOOST_TEST(has(feed.spared, each), each);
}

BOOST_AUTO_TEST_CASE(urls_and_wildcards_by_option) {
    auto const feed = read(
        "http://a.example/x\nhxxp://b[.]example:8080/y?z=q@corp.example\n"
        "https://user:pw@c.example\nd.example/path\nhttp://9.9.9.9/x\n"
        "http://big.example@e.example/\nhttp://f.example\\@big.example/\nhttp://g.example:x/\n"
        "//h.example\n9.9.9.0/255.255.255.0\nhttp:///x\n",
        block_options{}.from_urls(true));
    CHECK_SAME(patterns(feed),
               (names{"a.example", "b.example", "c.example", "d.example", "9.9.9.9", "e.example"}));
    // What begins with // is a note.
    CHECK_SAME(rejected_lines(feed), (lines{7, 8, 10, 11}));
    auto const wild = read("*.a.example\n.b.example\n*@*.c.example\n*.*.d.example\n*e.example\n",
                           block_options{}.wildcards(true));
    CHECK_SAME(patterns(wild), (names{"a.example", "b.example", "c.example"}));
}

BOOST_AUTO_TEST_CASE(a_pattern_of_another_type_is_told) {
    auto const feed = read("pattern,pattern_type\nx@evil.test,DOMAIN\nevil.test,IP\na.example,\n");
    BOOST_REQUIRE(feed.rejected.size() == 2U);
    BOOST_TEST(
        contains(feed.rejected[0].reason, "is an e-mail address, not of the type DOMAIN"));
    BOOST_TEST(contains(feed.rejected[1].reason, "is a domain, not of the type IP"));
}

BOOST_AUTO_TEST_CASE(defanged_patterns_are_counted) {
    BOOST_TEST(read("a[.]example\nb.example\nx[@]c[.]example\n").defanged == 2);
}

BOOST_AUTO_TEST_CASE(a_regular_expression_is_left_as_it_is) {
    auto const feed =
        read("{\"pattern\":\"^a[.]b #c\",\"is_regex\":true,\"pattern_type\":\"EMAIL\"}\n");
    CHECK_SAME(patterns(feed), names{"^a[.]b #c"});
}

BOOST_AUTO_TEST_CASE(what_a_record_of_another_form_names_is_spared) {
    BOOST_TEST(
        has(read("pattern,comments\nx.example,y\nevil.test,\"a bad\"quote\n").spared, "evil.test"));
    BOOST_TEST(has(read("{\"pattern\":\"x.example\"}\n{\"pattern\":\"evil.test\",\"com\n").spared,
                   "evil.test"));
    auto const escaped =
        read("{\"pattern\":\"x.example\"}\n{\"pattern\":\"evil\\u002etest\",\"pattern_type\":7}\n");
    BOOST_TEST(has(escaped.spared, "evil.test"));
    auto const long_comment = std::string(1025, 'c');
    auto const long_name = std::string(40, 'a') + '.' + std::string(60, 'b') + '.' +
                           std::string(60, 'c') + '.' + std::string(60, 'd') + ".example";
    auto const feed =
        read("pattern,comments\nx.example,y\n" + long_name + ',' + long_comment + '\n');
    BOOST_TEST(has(feed.spared, long_name));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_deletes_nothing) {
    BOOST_TEST(!read(std::string{"a.example\nb\0c.example\n", 22}).incomplete.empty());
    BOOST_TEST(
        !read("a.example\n" + std::string(es::max_feed_line + 1, 'x') + '\n').incomplete.empty());
    BOOST_TEST(!read("{\"pattern\":\"a.example\"}\n{\"pattern\":\"b.exa").incomplete.empty());
    BOOST_TEST(read("a.example\nb b\n").incomplete.empty());
    BOOST_TEST(read("a.example\nb.example").is_cut);
    BOOST_TEST(!read("a.example\nb.example\n").is_cut);
    BOOST_TEST(!read("a.example\rb.example\r").is_cut);
    BOOST_TEST(!read("[\"a.example\"]").is_cut);
}

namespace {

struct line_kind {
    feed_format form;
    char const* before;
    char const* after;
    char const* separators;
};
std::ostream& operator<<(std::ostream& out, line_kind const& each) {
    return out << cf::wire_name(each.form);
}

constexpr auto common = " \t,;<>()[]{}\"':=";
constexpr std::array kinds{
    line_kind{feed_format::text, "", "", common},
    line_kind{feed_format::csv, "pattern,comments\n", ",x", common},
    line_kind{feed_format::hosts, "0.0.0.0 ", "", common},
    line_kind{feed_format::adblock, "||", "^", " \t,;<>()[]{}\"':=|^$"},
    line_kind{feed_format::rpz, "", " CNAME .", common},
    line_kind{feed_format::dnsmasq, "address=/", "/0.0.0.0", " \t,;<>()[]{}\"':=/"},
    line_kind{feed_format::unbound, "local-zone: \"", "\" refuse", common},
    line_kind{feed_format::postfix, "", " REJECT", common},
    line_kind{feed_format::json_lines, "{\"pattern\":\"", "\"}", common},
    line_kind{feed_format::json, "[\"", "\"]", common},
    line_kind{feed_format::stix, "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = '",
              "']\"}", common},
    line_kind{feed_format::misp, "{\"Attribute\":[{\"type\":\"domain\",\"to_ids\":1,\"value\":\"",
              "\"}]}", common}};

}  // namespace

BOOST_DATA_TEST_CASE(no_line_becomes_more_than_it_names, kinds) {
    static constexpr std::array<std::string_view, 36> pieces{
        "big.example", "evil.test", "x@evil.test", "9.9.9.0/24", "9.9.9.9",     "com",
        "gmail.com",   ".",         "@",           "#",          " ",           " #",
        ";",           "//",        "/",           ":",          "*",           "*.",
        "*@",          "||",        "^",           "$",          "\\",          "[.]",
        "(dot)",       "[@]",       "[at]",        "<",          ">",           "mailto:",
        "http",        "-",         "_",           "a",          "2620:fe::fe", "2620:fe::/48"};
    std::mt19937 random{20261127};
    std::size_t made = 0;
    for (int i = 0; i != 4000; ++i) {
        std::string line;
        for (auto count = 1 + random() % 6; count > 0; --count) {
            line += pieces[random() % pieces.size()];
        }
        auto const text = sample.before + line + sample.after + '\n';
        auto const feed = try_read(text, block_options{}.format(sample.form));
        if (!feed) continue;
        for (auto const& each : feed->entries) {
            ++made;
            auto const is_named = is_named_in(line, sample.separators, each.item);
            BOOST_TEST(is_named, text << " became " << each.item.pattern());
        }
    }
    BOOST_TEST(made > 50U);
}

BOOST_AUTO_TEST_SUITE_END()
