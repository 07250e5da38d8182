// What must not be blocked.
#include "email_security/feed/reading.hpp"
#include "support/program.hpp"

#include <cloudflare/email_security/protection.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(feed_protection)

namespace {

struct outcome {
    names entries;
    names held;
    std::string reasons;
};

outcome hold(std::string const& text, es::protection const& by, block_options const& options = {}) {
    auto feed = read(text, options);
    es::hold_back(feed, by);
    outcome came{patterns(feed), {}, {}};
    for (auto const& each : feed.held_back) {
        came.held.push_back(each.pattern);
        came.reasons += each.reason + '\n';
    }
    return came;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_too_wide) {
    es::protection made;
    auto const text = std::string{
        "co.uk\nevil.co.uk\ngithub.io\nevil.github.io\nx@co.uk\n9.0.0.0/15\n9.0.0.0/16\n"
        "32.0.0.0/3\n"};
    auto const came = hold(text, made);
    CHECK_SAME(came.held, (names{"co.uk", "github.io", "9.0.0.0/15", "32.0.0.0/3"}));
    BOOST_TEST(contains(came.reasons, "--allow-wide"));
    made.allow_wide(true);
    BOOST_TEST(hold(text, made).held.empty());
}

BOOST_AUTO_TEST_CASE(mail_providers) {
    es::protection made;
    made.add_mail_providers();
    auto const came = hold(
        "gmail.com\nmail.gmail.com\nphisher@gmail.com\ndocs.google.com\nnotgmail.com\nqq.com\n",
        made);
    CHECK_SAME(came.entries, (names{"phisher@gmail.com", "notgmail.com"}));
    BOOST_TEST(contains(came.reasons, "--no-protection"));
    es::protection other;
    std::istringstream own{"# ours\nmail.example # everybody's\n"};
    other.add_mail_providers(own);
    auto const replaced = hold("gmail.com\nmail.example\n", other);
    CHECK_SAME(replaced.held, names{"mail.example"});
    BOOST_TEST(contains(replaced.reasons, "everybody's"));
}

BOOST_AUTO_TEST_CASE(names_of_a_file_both_ways) {
    scratch files;
    es::protection made;
    BOOST_TEST(
        !made.add_file(files.file("own.txt", "corp.example\n9.9.0.0/16\nboss@partner.example\n")));
    auto const came = hold(
        "corp.example\nmail.corp.example\nx@corp.example\nx@mail.corp.example\nother.example\n"
        "9.9.9.9\n9.0.0.0/8\nboss@partner.example\npartner.example\nx@partner.example\n",
        std::move(made.allow_wide(true)));
    CHECK_SAME(came.entries, (names{"other.example", "x@partner.example"}));
    BOOST_TEST(contains(came.reasons, "takes in 'boss@partner.example'"));
}

BOOST_AUTO_TEST_CASE(a_file_of_any_form) {
    scratch files;
    for (
        auto const& text : names{
            "pattern,comments\ncorp.example,us\n", "[\"corp.example\"]\n", "corp.example OK\n",
            "*.corp.example\n", "https://corp.example/\n",
            R"({"name":"x","version":1,"matching_attributes":["domain"],"list":["corp.example"]})"}) {
        es::protection made;
        auto const failed = made.add_file(files.file("own", text));
        BOOST_TEST(!failed);
        CHECK_SAME(hold("a.example\ncorp.example\n", made).held, names{"corp.example"});
    }
    es::protection made;
    auto const failed = made.add_file(files.file("own", "corp.example\nnot a name\n"));
    BOOST_REQUIRE(failed);
    BOOST_TEST(contains(failed->detail(), "line 2"));
    BOOST_TEST(made.add_file(files.path() / "none").has_value());
}

BOOST_AUTO_TEST_CASE(what_a_feed_excepts_it_does_not_block) {
    es::protection const made;
    auto const came =
        hold("||a.example^\n||ads.good.example^\n||good.example^\n@@||good.example^\n", made);
    CHECK_SAME(came.entries, names{"a.example"});
    BOOST_TEST(contains(came.reasons, "line 4"));
    auto const wider = hold("||good.example^\n||b.example^\n@@||shop.good.example^\n", made);
    CHECK_SAME(wider.held, names{"good.example"});
}

BOOST_AUTO_TEST_CASE(repetitions_of_what_is_held_go_with_it) {
    es::protection made;
    made.add_mail_providers();
    auto feed = read("gmail.com\na.example\nGMAIL.com\nA.example\n");
    es::hold_back(feed, made);
    CHECK_SAME(patterns(feed), names{"a.example"});
    BOOST_REQUIRE(feed.repeated.size() == 1U);
    BOOST_TEST(feed.repeated[0].line == 4);
    BOOST_TEST(feed.repeated[0].entry == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
