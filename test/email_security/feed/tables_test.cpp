// Tables as spreadsheets save them, and rules of ad blockers: how they are told, and what is in
// them.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace test;
using namespace std::string_literals;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_tables)

namespace {

struct table {
    char const* name;
    std::string text;
};
std::ostream& operator<<(std::ostream& out, table const& each) {
    return out << each.name;
}

std::string wide(std::string_view ascii) {
    std::string text{"\xFF\xFE"};
    for (auto const c : ascii) text += std::string{c, '\0'};
    return text;
}

std::vector<table> const tables{
    {"sep= and a tab", "sep=\t\r\npattern\tcomments\r\na.test\tx\r\n"},
    {"sep= and a tab in UTF-16", wide("sep=\t\r\npattern\tcomments\r\na.test\tx\r\n")},
    {"sep= in quotes", "\"sep=;\"\npattern;comments\na.test;x\n"},
    {"sep= in capitals with a mark", "\xEF\xBB\xBFSEP=|\rpattern|comments\ra.test|x\r"},
    {"one column of the dashboard", "Blocked Sender\na.test\n"},
    {"one column in other words", "Sender or Domain\na.test\n"},
    {"one column in quotes", "\"Blocked Sender\"\n\"a.test\"\n"},
    {"types in several words", "Sender,Sender Type\na.test,Domain Name\n"}};

}  // namespace

BOOST_DATA_TEST_CASE(is_told_by_its_first_line, tables) {
    auto const feed = read(sample.text);
    BOOST_TEST(cf::wire_name(feed.read_as) == "csv");
    CHECK_SAME(patterns(feed), names{"a.test"});
    BOOST_TEST(feed.rejected.empty());
    auto const told = read(sample.text, block_options{}.format(feed_format::csv));
    CHECK_SAME(patterns(told), names{"a.test"});
}

BOOST_AUTO_TEST_CASE(types_in_the_words_of_other_tools) {
    auto const feed = read(
        "pattern,pattern_type\na.test,Domain Name\nx@a.test,Email Address\n9.9.9.9,IP Address\n"
        "b.test,domain-name\nx@b.test,E-Mail\n9.9.9.0/30,IPv4 CIDR\n");
    BOOST_TEST(feed.entries.size() == 6U);
    BOOST_TEST(feed.rejected.empty());
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_cell_is_that_of_the_file) {
    auto const comments_of = [](std::string const& text) {
        return read(text).entries.at(0).item.comments().value_or("none");
    };
    BOOST_TEST(comments_of("pattern,comments\na.test,\"x\ny\"\n") == "x\ny");
    BOOST_TEST(comments_of("pattern,comments\r\na.test,\"x\r\ny\"\r\n") == "x\ny");
    BOOST_TEST(comments_of("pattern,comments\r\na.test,\"x\ny\"\r\n") == "x\ny");
    BOOST_TEST(comments_of("pattern,comments\ra.test,\"x\ry\rz\"\r") == "x\ny\nz");
    // As an export writes it, where the list has it so.
    BOOST_TEST(comments_of("pattern,comments\na.test,\"x\r\ny\"\n") == "x\r\ny");
}

BOOST_AUTO_TEST_CASE(exceptions_of_ad_blockers_are_taken_or_told) {
    auto const options = block_options{}.format(feed_format::adblock);
    auto const excepted = [&options](std::string const& rule) {
        return exceptions(read("||a.test^\n" + rule + '\n', options));
    };
    CHECK_SAME(excepted("@@||b.test^$document"), names{"b.test"});
    CHECK_SAME(excepted("@@/b\\.test/"), names{"b.test"});
    CHECK_SAME(excepted("@@|https://b.test/x|"), names{"b.test"});
    CHECK_SAME(excepted("@@*b.test*"), names{"b.test"});
    CHECK_SAME(excepted("@@||b.test:8080^"), names{"b.test"});
    CHECK_SAME(excepted("||b.test^$badfilter"), names{"b.test"});
    CHECK_SAME(excepted("||b.test^$third-party,badfilter"), names{"b.test"});
    for (auto const* const rule : {"@@/ads/*", "@@||b.test^$badfilter", "@@", "@@||x^"}) {
        auto const feed = read("||a.test^\n"s + rule + '\n', options);
        BOOST_TEST(feed.exceptions.empty(), rule);
        BOOST_TEST(feed.rejected.size() == 1U, rule);
    }
    CHECK_SAME(patterns(read("[AdBlock]\n||a.test^\n")), names{"a.test"});
    // A reason that is the rule's own.
    auto const reason = [&options](std::string const& rule) {
        return read("||a.test^\n" + rule + '\n', options).rejected.at(0).reason;
    };
    BOOST_TEST(contains(reason("||b.test^$script"), "options that block less"));
    for (auto const* const rule : {"||b.test^ # note", "||b.test^path", "||b.test^ ||c.test^"}) {
        BOOST_TEST(contains(reason(rule), "more behind the name"), rule);
    }
}

BOOST_AUTO_TEST_CASE(what_a_field_cannot_have_is_shown_with_what_it_can) {
    auto const reason = [](std::string const& text) { return read(text).rejected.at(0).reason; };
    BOOST_TEST(reason("pattern,pattern_type\na.test,HOST NAME X\n") ==
               "has pattern_type 'HOST NAME X', which is none of EMAIL, DOMAIN and IP");
    BOOST_TEST(reason("pattern,is_regex\na.test,maybe\n") ==
               "has is_regex 'maybe', which is neither true nor false");
    BOOST_TEST(contains(reason("{\"pattern\":\"a.test\",\"is_regex\":7}\n"), "neither true nor"));
}

BOOST_AUTO_TEST_CASE(the_member_that_was_asked_for_is_named) {
    auto const options = block_options{}.column("pattern", "cidr");
    auto const feed = read("{\"cidr\":\"9.9.9.9\"}\n{\"pattern\":\"a.test\"}\n", options);
    BOOST_TEST(feed.rejected.at(0).reason == "has no member 'cidr'");
    auto const none = try_read("{\"pattern\":\"a.test\"}\n", options).error().detail();
    BOOST_TEST(contains(none, "no object has a member 'cidr'"), none);
}

BOOST_AUTO_TEST_CASE(an_array_is_json_whatever_is_in_it) {
    auto const feed = read("[1, 2.5, null]\n");
    BOOST_TEST(cf::wire_name(feed.read_as) == "json");
    BOOST_TEST(feed.rejected.size() == 3U);
    CHECK_SAME(patterns(read("[9.9.9.9]\na.test\n")), names{"a.test"});
}

BOOST_AUTO_TEST_CASE(many_unknown_names_are_counted_together) {
    std::string text;
    for (int i = 0; i != 300; ++i) {
        text += "{\"pattern\":\"a.test\",\"m" + std::to_string(i) + "\":1}\n";
    }
    auto const feed = read(text);
    std::int64_t count = 0;
    for (auto const& each : feed.unknown) count += each.count;
    BOOST_TEST(count == 300);
    BOOST_TEST(feed.unknown.size() == 101U);
}

// Of all forms alike.
BOOST_AUTO_TEST_CASE(an_exception_that_cannot_be_read_is_told) {
    auto const feed = read("a.test REJECT\nb.test REJECT\nlocalhost OK\nc.test. OK\n");
    CHECK_SAME(exceptions(feed), names{"c.test"});
    CHECK_SAME(rejected_lines(feed), lines{3});
    BOOST_TEST(contains(feed.rejected[0].reason, "an exception that is not applied"));
}

BOOST_AUTO_TEST_SUITE_END()
