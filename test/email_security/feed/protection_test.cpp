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
    scratch files;
    BOOST_TEST(
        !other.add_mail_providers(files.file("own", "# ours\nmail.example # everybody's\n")));
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

BOOST_AUTO_TEST_CASE(a_file_of_mail_providers_is_read_as_any_other) {
    scratch files;
    for (auto const& text :
         names{"[\"mail.example\"]", "pattern,comments\nmail.example,x\n", "0.0.0.0 mail.example\n",
               "*.mail.example\n", "MAIL.example. # x\n",
               "pattern,is_regex,pattern_type\n.*@mail\\.example,true,EMAIL\n@mail.example,,\n"}) {
        es::protection made;
        BOOST_TEST(!made.add_mail_providers(files.file("own", text)), text);
        CHECK_SAME(hold("a.example\nmail.example\n", made).held, names{"mail.example"});
    }
    for (auto const& text :
         names{"", "# none\n", "<html>mail.example</html>\n", "foo bar\n", "mail.exampl\xE9\n",
               "mail.example # " + std::string(2000, 'x') + "\nno name\n",
               "pattern,is_regex,pattern_type\n(,true,EMAIL\n"}) {
        es::protection made;
        BOOST_TEST(made.add_mail_providers(files.file("own", text)).has_value(), text);
        es::protection other;
        BOOST_TEST(other.add_file(files.file("own", text)).has_value(), text);
    }
    es::protection made;
    BOOST_TEST(!made.add_mail_providers(
        files.file("own", "mail.example # " + std::string(1000, 'x') + '\n')));
    BOOST_TEST(hold("mail.example\n", made).reasons.size() < 300U);
}

BOOST_AUTO_TEST_CASE(what_the_api_does_not_take_is_protected_too) {
    scratch files;
    es::protection made;
    BOOST_TEST(!made.add_file(files.file("own", "10.0.0.0/8\n127.0.0.1\nfe80::/10\nmuseum\n")));
    made.allow_wide(true);
    CHECK_SAME(hold("a.museum\nb.example\n9.9.9.9\n", made).held, names{"a.museum"});
}

namespace {

std::string csv_of(std::string const& pattern, std::string const& type) {
    return "pattern,is_regex,pattern_type\nother.example,,\n\"" + pattern + "\",true," + type +
           '\n';
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_expression_is_tried_on_what_is_protected) {
    scratch files;
    es::protection made;
    made.add_mail_providers();
    BOOST_TEST(!made.add_file(files.file("own", "corp.example\nboss@partner.test\n9.9.9.9\n")));
    struct tried {
        std::string pattern;
        std::string type;
        bool is_held;
    };
    for (auto const& each : std::vector<tried>{{".*", "EMAIL", true},
                                               {".*@gmail\\.com", "EMAIL", true},
                                               {".*\\.com", "EMAIL", true},
                                               {".*\\.ru$", "DOMAIN", true},
                                               {"@", "EMAIL", true},
                                               {"^.*$", "IP", true},
                                               {"^11\\.", "IP", true},
                                               {"(", "EMAIL", true},
                                               {"(?=x).*", "EMAIL", true},
                                               {".*@corp\\.example", "EMAIL", true},
                                               {"boss@.*", "EMAIL", true},
                                               {"^partner\\.test$", "DOMAIN", true},
                                               {"^9\\.9\\.9\\.", "IP", true},
                                               {"^phisher[0-9]+@gmail\\.com$", "EMAIL", false},
                                               {".*@bad-one\\.example", "EMAIL", false},
                                               {"^[a-z0-9]{16}\\.ru$", "DOMAIN", false},
                                               {"^11\\.22\\.33\\.", "IP", false}}) {
        auto const came = hold(csv_of(each.pattern, each.type), made);
        BOOST_TEST(came.held.size() == (each.is_held ? 1U : 0U), each.pattern << came.reasons);
    }
    made.allow_wide(true);
    BOOST_TEST(hold(csv_of("(?=x).*", "EMAIL"), made).held.empty());
    BOOST_TEST(hold(csv_of(".*@gmail\\.com", "EMAIL"), made).held.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_expression_protects_what_it_matches) {
    scratch files;
    es::protection made;
    BOOST_TEST(!made.add_file(files.file("own", csv_of(".*@.*\\.corp\\.example", "EMAIL"))));
    auto const came = hold("x@a.corp.example\na.corp.example\nother.example\nx@b.example\n", made);
    CHECK_SAME(came.entries, names{"x@b.example"});
}

BOOST_AUTO_TEST_CASE(a_range_is_held_back_whole) {
    es::protection made;
    BOOST_TEST(hold("1.0.0.1-1.200.0.0\n", made).entries.empty());
    auto const came = hold("a.example\n1.0.0.1-1.200.0.0\n9.9.9.1-9.9.9.4\n", made);
    CHECK_SAME(came.entries, (names{"a.example", "9.9.9.1", "9.9.9.2/31", "9.9.9.4"}));
    BOOST_TEST(contains(came.reasons, "part of the range in line 2"));
}

BOOST_AUTO_TEST_CASE(what_is_held_back_is_not_deleted_either) {
    es::protection made;
    made.add_mail_providers();
    auto feed = read("gmail.com\na.example\n");
    es::hold_back(feed, made);
    BOOST_TEST(has(feed.spared, "gmail.com"));
    BOOST_TEST(!has(feed.spared, "a.example"));
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
