// Forms whose lines are statements: one that is not understood to its end is a rejection, and
// nothing that stands on its line vanishes.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <random>

using namespace test;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_statements)

namespace {

struct statement {
    feed_format form;
    std::string text;
    names entries;
    names spared;  // by the rejections
    bool deletes = true;
};
std::ostream& operator<<(std::ostream& out, statement const& each) {
    return out << cf::wire_name(each.form) << ": " << each.text;
}

std::vector<statement> const statements{
    // A record of a zone goes on over lines where a parenthesis is open, and only there.
    {feed_format::rpz, "one.test CNAME ( . )", {"one.test"}, {}},
    {feed_format::rpz, "one.test CNAME (\n  . ; )\n)", {"one.test"}, {}},
    {feed_format::rpz, "@ SOA a. b. (\n 1\n 2 3 4 5 )\none.test CNAME .", {"one.test"}, {}},
    {feed_format::rpz, "one.test TXT \"x ( y\"\ntwo.test CNAME .", {"two.test"}, {"one.test"}},
    {feed_format::rpz, "one.test TXT x\\(y\ntwo.test CNAME .", {"two.test"}, {"one.test"}},
    {feed_format::rpz,
     "one.test CNAME . (\ntwo.test CNAME .\n\tCNAME .\n$TTL 7",
     {},
     {"one.test", "two.test"},
     false},
    {feed_format::rpz,
     "@ SOA a. b. (\n 1 2 3 4 5\none.test CNAME .\ntwo.test 60 IN CNAME .",
     {},
     {"one.test", "two.test"},
     false},
    {feed_format::rpz,
     "one.test CNAME (\ntwo.test CNAME .\n)\nthree.test CNAME .",
     {"three.test"},
     {"one.test", "two.test"}},
    {feed_format::rpz, "one.test CNAME . )\ntwo.test CNAME .", {"two.test"}, {"one.test"}},
    {feed_format::rpz, "one.test CNAME \"\ntwo.test CNAME .", {"two.test"}, {"one.test"}},
    {feed_format::rpz, "one.test CNAME . two.test", {}, {"one.test", "two.test"}},
    {feed_format::rpz, "one.test NS two.test.", {}, {"one.test", "two.test"}},
    {feed_format::rpz, "rpz.test. SOA a. b. 1 2 3 4 5\nrpz.test. NS a.", {}, {}},
    {feed_format::rpz, "@ CNAME .", {}, {}},
    {feed_format::rpz, " CNAME .", {}, {}},
    {feed_format::rpz, "one.test CNAME", {}, {"one.test"}},
    {feed_format::rpz, "$GENERATE 1-9 one.test CNAME .", {}, {"one.test"}, false},
    // Notes of hosts files, and words that are none.
    {feed_format::hosts, "0.0.0.0 one.test ; was two.test", {"one.test"}, {}},
    {feed_format::hosts, "0.0.0.0 one.test // by two.test", {"one.test"}, {}},
    {feed_format::hosts, "0.0.0.0 one.test # by two.test", {"one.test"}, {}},
    {feed_format::hosts, "; two.test\n// two.test\n0.0.0.0 one.test", {"one.test"}, {}},
    {feed_format::hosts, "0.0.0.0 one.test ! was two.test", {"one.test"}, {"two.test"}},
    {feed_format::hosts, "0.0.0.0 one.test -> two.test", {"one.test"}, {"two.test"}},
    {feed_format::hosts, "0.0.0.0 one.test replaced by two.test", {"one.test"}, {"two.test"}},
    {feed_format::hosts, "0.0.0.0 localhost one.test two.test", {"one.test", "two.test"}, {}},
    // One statement a line.
    {feed_format::unbound,
     "local-zone: \"one.test\" refuse local-zone: \"two.test\" refuse",
     {},
     {"one.test", "two.test"}},
    {feed_format::unbound,
     "local-data: \"one.test A 0.0.0.0\" local-data: \"two.test A 0.0.0.0\"",
     {},
     {"one.test", "two.test"}},
    {feed_format::unbound, "local-data: one.test A 9.9.9.9 0.0.0.0", {}, {"one.test"}},
    {feed_format::unbound, "local-data: \"one.test 60 IN AAAA ::\"", {"one.test"}, {}},
    {feed_format::unbound, "local-zone: \"\" refuse", {}, {}},
    {feed_format::dnsmasq, "address=//0.0.0.0", {}, {}},
    {feed_format::dnsmasq, "server=//", {}, {}},
    {feed_format::dnsmasq, "server=//#", {}, {}},
    {feed_format::dnsmasq, "address=/", {}, {}},
    {feed_format::dnsmasq, "address=/one.test//0.0.0.0", {}, {"one.test"}},
    {feed_format::dnsmasq,
     "address=/one.test/0.0.0.0 address=/two.test/0.0.0.0",
     {},
     {"one.test", "two.test"}},
    {feed_format::dnsmasq, "address=/one.test/two.test/", {"one.test", "two.test"}, {}},
    // A line of an access map goes on where the next one begins with a blank.
    {feed_format::postfix, "one.test\n\tREJECT\n  listed", {"one.test"}, {}},
    {feed_format::postfix, "one.test REJECT\n# x\n  see two.test", {"one.test"}, {}},
    {feed_format::postfix, " one.test REJECT\ntwo.test REJECT", {"two.test"}, {"one.test"}},
    {feed_format::postfix, "two.test REJECT\n\tone.test REJECT", {"two.test"}, {"one.test"}},
    {feed_format::postfix, "two.test REJECT\n one.test OK", {"two.test"}, {"one.test"}},
    {feed_format::postfix, "one.test", {}, {"one.test"}}};

}  // namespace

BOOST_DATA_TEST_CASE(is_taken_or_rejected_as_a_whole, statements) {
    auto const feed =
        read(sample.text + '\n', block_options{}.format(sample.form).allow_empty(true));
    CHECK_SAME(patterns(feed), sample.entries);
    for (auto const& each : sample.spared) BOOST_TEST(has(feed.spared, each), each);
    BOOST_TEST(feed.incomplete.empty() == sample.deletes, feed.incomplete);
    BOOST_TEST(feed.exceptions.empty());
    // No line is without an outcome.
    BOOST_TEST(feed.records + feed.notes > 0);
    BOOST_TEST(feed.rejected.size() + feed.entries.size() + static_cast<std::size_t>(feed.notes) >
               0U);
    if (!sample.spared.empty()) BOOST_TEST(!feed.rejected.empty());
}

// Whatever stands in one line of a form of lines, it ends as something that is told.
BOOST_AUTO_TEST_CASE(each_line_has_an_outcome) {
    constexpr std::array forms{feed_format::text,    feed_format::hosts,     feed_format::adblock,
                               feed_format::rpz,     feed_format::dnsmasq,   feed_format::unbound,
                               feed_format::postfix, feed_format::json_lines};
    names const pieces{
        "one.test",    "two.test", "0.0.0.0", "CNAME", ".",   "(",  ")",    "#x", ";x", "//x",
        "!",           "REJECT",   "OK",      "||",    "^",   "@@", "/",    "//", "=",  "address",
        "local-zone:", "refuse",   "\"",      "@",     "SOA", "NS", "$TTL", "{}"};
    std::mt19937 random{7};
    for (auto const form : forms) {
        for (int i = 0; i != 3000; ++i) {
            std::string line;
            for (auto size = 1 + random() % 6; size > 0; --size) {
                line += pieces[random() % pieces.size()];
                if (random() % 2 == 0) line += ' ';
            }
            auto const got = try_read(line + '\n', block_options{}.format(form).allow_empty(true));
            if (!got) continue;  // refused as a whole, and thus told
            auto const outcomes = std::ssize(got->entries) + std::ssize(got->rejected) +
                                  std::ssize(got->exceptions) + std::ssize(got->repeated);
            BOOST_TEST(got->records == outcomes);
            BOOST_TEST(outcomes + got->notes > 0, cf::wire_name(form) << ": " << line);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
