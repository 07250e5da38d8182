// Each form of feeds: how it is told, and what becomes of its records.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace test;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_forms)

namespace {

struct form_case {
    char const* name;
    std::string text;
    feed_format form;
    names entries;
};
std::ostream& operator<<(std::ostream& out, form_case const& each) {
    return out << each.name;
}

std::vector<form_case> const forms{
    {"plain text", "one.example\ntwo.example\n", feed_format::text, {"one.example", "two.example"}},
    {"text with notes of all kinds",
     "! list\n// more\n; 2026\none.example ; a\n9.0.0.0/24 # b\ntwo.example // c\n",
     feed_format::text,
     {"one.example", "9.0.0.0/24", "two.example"}},
    {"text in quotes is not a table",
     "\"one.example\"\ntwo.example\n",
     feed_format::text,
     {"two.example"}},
    {"a banner of number signs",
     "########\n## Feed\n########\none.example\ntwo.example\n",
     feed_format::text,
     {"one.example", "two.example"}},
    {"a lone CR", "one.example\rtwo.example\r", feed_format::text, {"one.example", "two.example"}},
    {"hosts",
     "# hosts\n127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 one.example two.example # x\n"
     "127.0.0.1\tthree.example\n",
     feed_format::hosts,
     {"one.example", "two.example", "three.example"}},
    {"adblock",
     "[Adblock Plus 2.0]\n! t\n||one.example^\n||two.example^$third-party,important\n"
     "||three.example^|\nshop.example##.ad\n||four.example/path^\n||five.example^$script\n"
     "/six\\.example/\n",
     feed_format::adblock,
     {"one.example", "two.example", "three.example"}},
    {"adblock without a head",
     "||one.example^\n||two.example^$all\n",
     feed_format::adblock,
     {"one.example", "two.example"}},
    {"a zone",
     "$ORIGIN rpz.example.\n$TTL 60\n@ SOA a. b. (1\n 2 3\n 4 5)\n@ NS localhost.\n"
     "one.example CNAME .\n*.one.example 60 IN CNAME .\ntwo.example.rpz.example. CNAME *.\n"
     "24.0.2.2.9.rpz-ip CNAME .\n*.three.example CNAME .\nwalled.example CNAME page.example.\n",
     feed_format::rpz,
     {"one.example", "two.example", "9.2.2.0/24"}},
    {"a zone of IPv6",
     "one.example CNAME .\n48.zz.FE.2620.rpz-ip CNAME .\n128.7.zz.9.fe.2620.rpz-ip CNAME .\n"
     "128.8.7.6.5.4.3.2.2620.rpz-ip CNAME .\n128.1.zz.rpz-ip CNAME .\n"
     "48.zz.fe.zz.2620.rpz-ip CNAME .\nzz.rpz-ip CNAME .\n",
     feed_format::rpz,
     {"one.example", "2620:fe::/48", "2620:fe:9::7", "2620:2:3:4:5:6:7:8"}},
    {"dnsmasq",
     "address=/one.example/two.example/0.0.0.0\naddress=/three.example/#\nserver=/four.example/\n"
     "server=/good.example/#\naddress=/five.example/9.9.9.9\n",
     feed_format::dnsmasq,
     {"one.example", "two.example", "three.example", "four.example"}},
    {"unbound",
     "server:\nlocal-zone: \"one.example\" always_nxdomain\nlocal-zone: two.example. refuse\n"
     "local-zone: good.example transparent\nlocal-data: \"three.example A 0.0.0.0\"\n"
     "local-data: \"four.example A 9.9.9.9\"\n",
     feed_format::unbound,
     {"one.example", "two.example", "three.example"}},
    {"an access map",
     "# map\none.example REJECT listed\nx@two.example 550 no\n9.1.0.0/16 DISCARD\ngood.example OK\n"
     "9.9.9.9 permit\n/three/ REJECT\nfour.example FILTER x\n",
     feed_format::postfix,
     {"one.example", "x@two.example", "9.1.0.0/16"}},
    {"semicolons",
     "pattern;comments\none.example;a, b\ntwo.example;c\n",
     feed_format::csv,
     {"one.example", "two.example"}},
    {"tabs",
     "comments\tpattern\n\tone.example\nx y\ttwo.example\n",
     feed_format::csv,
     {"one.example", "two.example"}},
    {"bars", "pattern|comments\none.example|a\n", feed_format::csv, {"one.example"}},
    {"sep=", "sep=;\r\npattern;comments\r\none.example;x\r\n", feed_format::csv, {"one.example"}},
    {"capitals and blanks",
     "Comments , PATTERN TYPE, Pattern\nx, Domain, one.example\n",
     feed_format::csv,
     {"one.example"}},
    {"the dashboard's headings",
     "Blocked Sender,Blocked Sender Type,Is Regex,Notes\nx@one.example,EMAIL,FALSE,n\n",
     feed_format::csv,
     {"x@one.example"}},
    {"the dashboard's old headings",
     "Blocked_Sender, Notes\none.example, n\n",
     feed_format::csv,
     {"one.example"}},
    {"a CR in a table",
     "pattern,comments\rone.example,a\rtwo.example,b\r",
     feed_format::csv,
     {"one.example", "two.example"}},
    {"a commented header",
     "# list\n# \"pattern\",\"seen\"\n\"one.example\",\"2026\"\n",
     feed_format::csv,
     {"one.example"}},
    {"objects a line",
     "{\"pattern\":\"one.example\"}\n{\"pattern\":\"two.example\"}\n",
     feed_format::json_lines,
     {"one.example", "two.example"}},
    {"an array of texts",
     "[\n \"one.example\",\n \"x@two.example\"\n]\n",
     feed_format::json,
     {"one.example", "x@two.example"}},
    {"an array of objects",
     "[{\"pattern\":\"one.example\"},{\"pattern\":\"two.example\"}]",
     feed_format::json,
     {"one.example", "two.example"}},
    {"objects over lines",
     "{\n \"pattern\": \"one.example\"\n}\n{\n \"pattern\": \"two.example\"}",
     feed_format::json,
     {"one.example", "two.example"}},
    {"an answer of the API",
     R"({"success":true,"errors":[],"result":[{"id":"7","pattern":"one.example"}]})",
     feed_format::json,
     {"one.example"}},
    {"a bundle",
     R"({"type":"bundle","id":"bundle--1","objects":[
         {"type":"identity","name":"x"},
         {"type":"indicator","id":"indicator--1","pattern_type":"stix",
          "pattern":"[domain-name:value = 'one.example' OR email-addr:value='x@two.example']"},
         {"type":"indicator","id":"indicator--2","pattern":"[ipv4-addr:value = '9.1.1.1'] OR [ipv4-addr:value = '9.1.1.2/31']"},
         {"type":"indicator","id":"indicator--3","pattern":"[domain-name:value = 'a.example' AND url:value = 'x']"},
         {"type":"indicator","id":"indicator--4","pattern":"[domain-name:value LIKE '%.example']"},
         {"type":"indicator","id":"indicator--5","revoked":true,"pattern":"[domain-name:value = 'gone.example']"},
         {"type":"indicator","id":"indicator--6","valid_until":"2020-01-01T00:00:00Z","pattern":"[domain-name:value = 'old.example']"}
        ]})",
     feed_format::stix,
     {"one.example", "x@two.example", "9.1.1.1", "9.1.1.2/31"}},
    {"indicators a line",
     "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'one.example']\"}\n"
     "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'two.example']\"}\n",
     feed_format::stix,
     {"one.example", "two.example"}},
    {"a MISP event",
     R"({"Event":{"info":"x","Attribute":[
         {"type":"domain","value":"one.example","to_ids":true},
         {"type":"domain","value":"seen.example","to_ids":false},
         {"type":"md5","value":"00","to_ids":true},
         {"type":"hostname","value":"gone.example","to_ids":true,"deleted":true}],
        "Object":[{"name":"o","Attribute":[{"type":"domain|ip","value":"two.example|9.9.9.9","to_ids":true},
         {"type":"email-src","value":"x@three.example","to_ids":"1"}]}]}})",
     feed_format::misp,
     {"one.example", "two.example", "x@three.example"}}};

}  // namespace

BOOST_DATA_TEST_CASE(is_told_by_its_content, forms) {
    auto const feed = read(sample.text);
    BOOST_TEST(cf::wire_name(feed.read_as) == cf::wire_name(sample.form));
    CHECK_SAME(patterns(feed), sample.entries);
    // By option it is the same.
    auto const again = read(sample.text, block_options{}.format(sample.form));
    CHECK_SAME(patterns(again), sample.entries);
}

BOOST_DATA_TEST_CASE(nothing_vanishes, forms) {
    auto const feed = read(sample.text);
    auto const entries = static_cast<std::int64_t>(feed.entries.size());
    BOOST_TEST(feed.records == entries + std::ssize(feed.rejected) + std::ssize(feed.repeated) +
                                   std::ssize(feed.exceptions));
}

BOOST_AUTO_TEST_CASE(what_a_form_excepts) {
    CHECK_SAME(exceptions(read("||a.example^\n@@||good.example^$document\n||b.example^\n")),
               names{"good.example"});
    CHECK_SAME(exceptions(read("a.example CNAME .\ngood.example CNAME rpz-passthru.\n"
                               "32.4.3.2.9.rpz-ip CNAME rpz-passthru.\n"
                               "48.zz.fe.2620.rpz-ip CNAME rpz-passthru.\n")),
               (names{"good.example", "9.2.3.4", "2620:fe::/48"}));
    CHECK_SAME(exceptions(read("a.example REJECT\ngood.example OK\n9.9.0.0/16 dunno\n")),
               (names{"good.example", "9.9.0.0/16"}));
    CHECK_SAME(
        exceptions(read("local-zone: a.example deny\nlocal-zone: good.example transparent\n")),
        names{"good.example"});
    CHECK_SAME(exceptions(read("server=/a.example/\nserver=/good.example/fine.example/#\n")),
               (names{"good.example", "fine.example"}));
}

BOOST_AUTO_TEST_CASE(a_wildcard_beside_its_name_in_a_zone_says_nothing_more) {
    auto const text = std::string{"*.a.example CNAME .\na.example CNAME .\n*.b.example CNAME .\n"};
    auto const feed = read(text);
    CHECK_SAME(patterns(feed), names{"a.example"});
    CHECK_SAME(rejected_lines(feed), lines{3});
    CHECK_SAME(patterns(read(text, block_options{}.wildcards(true))),
               (names{"a.example", "b.example"}));
}

BOOST_AUTO_TEST_CASE(tables_whose_columns_are_named_by_an_option) {
    auto const text = std::string{"ioc_value,ioc_type\none.example,domain\n"};
    auto const refused = try_read(text);
    BOOST_REQUIRE(!refused);
    BOOST_TEST(contains(refused.error().detail(), "'ioc_value', 'ioc_type'"));
    BOOST_TEST(contains(refused.error().detail(), "--column pattern="));
    auto const feed = read(
        text, block_options{}.column("pattern", "IOC Value").column("pattern_type", "ioc_type"));
    CHECK_SAME(patterns(feed), names{"one.example"});
    auto const wrong =
        try_read(text, block_options{}.column("pattern", "ioc_value").column("comments", "typo"));
    BOOST_TEST(contains(wrong.error().detail(), "no column 'typo'"));
    // Without a header, by number.
    auto const bare = std::string{"x,one.example\ny,two.example\n"};
    BOOST_TEST(contains(try_read(bare).error().detail(), "'x', 'one.example'"));
    CHECK_SAME(patterns(read(bare, block_options{}.column("pattern", "2"))),
               (names{"one.example", "two.example"}));
    // Members of objects too; a record about the feed is a note.
    auto const objects =
        std::string{"{\"cidr\":\"9.1.0.0/24\"}\n{\"type\":\"metadata\",\"records\":1}\n"};
    BOOST_TEST(contains(try_read(objects).error().detail(), "'cidr'"));
    auto const members = read(objects, block_options{}.column("pattern", "cidr"));
    CHECK_SAME(patterns(members), names{"9.1.0.0/24"});
    BOOST_TEST(members.notes == 1);
    BOOST_TEST(members.rejected.empty());
}

BOOST_AUTO_TEST_CASE(names_of_columns_and_members_are_told_whole_or_not_at_all) {
    std::string const name = "indicator_expiration_date_and_time";
    auto refused = try_read("[{\"" + name + "\":1}]").error().detail();
    BOOST_TEST(contains(refused, '\'' + name + '\''), refused);
    refused = try_read(name + ",b\nx,y\n").error().detail();
    BOOST_TEST(contains(refused, "'" + name + "', 'b'"), refused);
    std::string header;
    for (int i = 0; i != 100; ++i) header += name + std::to_string(i) + ',';
    refused = try_read(header + "z\n" + header + "z\n").error().detail();
    BOOST_TEST(contains(refused, '\'' + name + "0'"), refused);
    BOOST_TEST(contains(refused, " more"), refused);
    BOOST_TEST(refused.size() < 400U, refused);
}

BOOST_AUTO_TEST_CASE(an_empty_feed_tells_what_it_has_instead) {
    auto refused = try_read(R"({"Attribute":[{"type":"domain","value":"a.example"},
        {"type":"domain","value":"b.example","to_ids":false},
        {"type":"md5","value":"00","to_ids":true}]})")
                       .error()
                       .detail();
    BOOST_TEST(contains(refused, "read as misp"), refused);
    BOOST_TEST(contains(refused, "attributes without to_ids (2)"), refused);
    BOOST_TEST(contains(refused, "attributes that are not about senders (1)"), refused);
    refused = try_read(R"({"type":"bundle","objects":[{"type":"malware"},{"type":"indicator",
        "valid_until":"2020-01-01T00:00:00Z","pattern":"[domain-name:value = 'a.example']"}]})")
                  .error()
                  .detail();
    BOOST_TEST(contains(refused, "expired indicators (1)"), refused);
    BOOST_TEST(contains(refused, "other objects (1)"), refused);
    BOOST_TEST(contains(try_read("# a\n").error().detail(), "read as text, it has notes only"));
}

BOOST_AUTO_TEST_CASE(hints_are_those_of_the_form) {
    auto const text = read("a.example\nb.example c\n");
    BOOST_TEST(contains(text.rejected.at(0).reason, "a note needs '#'"));
    auto const bundle = read(R"({"type":"bundle","objects":[{"type":"indicator",
        "pattern":"[domain-name:value = 'domain a.example']"}]})");
    BOOST_TEST(bundle.rejected.at(0).reason == "has more than one word");
    auto const table = read("pattern,comments\n,x\na.example,y\n");
    BOOST_TEST(table.rejected.at(0).reason == "has no pattern");
    BOOST_TEST(table.rejected.at(0).pattern == ",x");
}

BOOST_AUTO_TEST_CASE(rows_of_another_length_are_rejected) {
    auto const feed = read(
        "pattern,comments\none.example\ntwo.example,a,b\nthree.example,\n,\n# x\nfour.example,c\n");
    CHECK_SAME(patterns(feed), (names{"three.example", "four.example"}));
    CHECK_SAME(rejected_lines(feed), (lines{2, 3}));
    BOOST_TEST(feed.rejected[0].reason == "has 1 cell for 2 columns");
    BOOST_TEST(feed.notes == 3);
}

BOOST_AUTO_TEST_CASE(words_of_other_tools_for_types_and_flags) {
    auto const feed = read(
        "pattern,pattern_type,is_regex\na.example,hostname,No\nx@b.example,Email,0\n"
        "9.9.9.9,IPv4,false\n.*@c,EMAIL,TRUE\n.*@d,email,1\ne.example,domain,maybe\n");
    BOOST_TEST(feed.entries.size() == 5);
    BOOST_TEST(feed.entries[3].item.is_regex());
    BOOST_TEST(feed.entries[4].item.is_regex());
    CHECK_SAME(rejected_lines(feed), lines{7});
}

BOOST_AUTO_TEST_CASE(unknown_columns_and_members_are_told_once) {
    auto const feed = read("pattern,coment\na.example,x\nb.example,y\n");
    BOOST_REQUIRE(feed.unknown.size() == 1U);
    BOOST_TEST(feed.unknown[0].name == "coment");
    BOOST_TEST(feed.unknown[0].count == 2);
    auto const objects =
        read("{\"pattern\":\"a.example\",\"id\":\"1\"}\n{\"patern\":\"b.example\"}\n");
    BOOST_REQUIRE(objects.unknown.size() == 1U);
    BOOST_TEST(objects.unknown[0].name == "patern");
}

BOOST_AUTO_TEST_CASE(a_part_of_a_list_deletes_nothing) {
    auto const feed = read(
        R"({"success":true,"result":[{"pattern":"a.example"}],"result_info":{"total_count":2}})");
    BOOST_TEST(contains(feed.incomplete, "1 of 2"));
    auto const error = try_read(R"({"success":false,"errors":[{"code":1000}],"result":null})");
    BOOST_TEST(contains(error.error().detail(), "an error?"));
}

BOOST_AUTO_TEST_CASE(a_warning_list_is_not_blocked) {
    auto const list = std::string{
        R"({"name":"x","version":1,"type":"hostname","matching_attributes":["domain"],"list":["good.example"]})"};
    BOOST_TEST(contains(try_read(list).error().detail(), "--protect"));
    CHECK_SAME(patterns(read(list, block_options{}.warning_lists(true))), names{"good.example"});
}

BOOST_AUTO_TEST_CASE(what_stands_beside_a_pattern_is_a_comment_if_asked_for) {
    auto const options = block_options{}.comments_from_feed(true);
    auto const comments_of = [](block_feed const& feed) {
        return feed.entries.at(0).item.comments().value_or("none");
    };
    BOOST_TEST(comments_of(read("a.example # phish\n")) == "none");
    BOOST_TEST(comments_of(read("a.example # phish\n", options)) == "phish");
    BOOST_TEST(comments_of(read("0.0.0.0 a.example # phish\n", options)) == "phish");
    BOOST_TEST(comments_of(read("a.example REJECT phish\n", options)) == "phish");
    BOOST_TEST(
        comments_of(read(
            R"({"type":"indicator","name":"phish","pattern":"[domain-name:value = 'a.example']"})",
            options)) == "phish");
}

BOOST_AUTO_TEST_CASE(marks_come_from_the_options_alone) {
    auto const feed = read(
        "pattern,comments\na.example,[owner:corp]\nb.example,x [gone:2020-01-01]\n"
        "c.example,[owner:[owner:b]corp]\nd.example,[until: never]\ne.example,see [1]: x\n"
        "f.example,[https://x.example]\n");
    CHECK_SAME(patterns(feed), (names{"e.example", "f.example"}));
    BOOST_TEST(feed.rejected.size() == 4U);
    BOOST_TEST(has(feed.spared, "a.example"));
}

BOOST_AUTO_TEST_SUITE_END()
