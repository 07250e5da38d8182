// Regular expressions among blocked and trusted senders.
#include "email_security/feed/reading.hpp"

#include <cloudflare/email_security/conflicts.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

using namespace test;

BOOST_AUTO_TEST_SUITE(conflicts)

namespace {

using es::pattern_type;

es::allow_policy trusted(std::string pattern, pattern_type type, bool is_regex = true) {
    es::allow_policy made;
    made.pattern = std::move(pattern);
    made.pattern_type = type;
    made.is_regex = is_regex;
    made.is_trusted_sender = true;
    return made;
}

/// What a feed of blocked senders and some allow policies say.
es::conflict_report meet(std::string const& blocked, std::vector<es::allow_policy> policies) {
    es::sender_list<es::allow_policy> there;
    there.take(0, std::move(policies));
    return es::find_conflicts(read(blocked), there);
}

/// "line blocked trusted overlap" for each conflict.
names told(es::conflict_report const& found) {
    names all;
    for (auto const& each : found.conflicts) {
        all.push_back(std::to_string(each.line) + ' ' + each.blocked + ' ' + each.trusted + ' ' +
                      std::string{cf::wire_name(each.overlap)});
    }
    return all;
}

bool is_left(es::conflict_report const& found, std::string_view pattern, std::string_view reason) {
    for (auto const& each : found.not_compared) {
        if (each.pattern == pattern && contains(each.reason, reason)) return true;
    }
    return false;
}

struct expression {
    char const* pattern;
    pattern_type type;
    char const* blocked;
    char const* overlap;  // empty if there is none
};
std::ostream& operator<<(std::ostream& out, expression const& each) {
    return out << each.pattern << " and " << each.blocked;
}

constexpr std::array expressions{
    expression{R"(.*@partner\.example)", pattern_type::email, "a@partner.example",
               "trusted_is_wider"},
    expression{R"(.*@PARTNER\.example)", pattern_type::email, "a@partner.example",
               "trusted_is_wider"},
    expression{R"(^(boss|ann)@big\.example$)", pattern_type::email, "ann@big.example",
               "trusted_is_wider"},
    expression{R"(^(boss|ann)@big\.example$)", pattern_type::email, "bob@big.example", ""},
    expression{R"(.*@partner\.example)", pattern_type::email, "partner.example", "partial"},
    expression{R"(.*@partner\.example)", pattern_type::email, "8.8.8.8", ""},
    expression{R"(partner\.)", pattern_type::domain, "mail.partner.example", "trusted_is_wider"},
    expression{R"(partner\.)", pattern_type::domain, "a@mail.partner.example", "trusted_is_wider"},
    expression{R"(partner\.)", pattern_type::domain, "partner.a@other.example", ""},
    expression{R"(^8\.8\.)", pattern_type::ip, "8.8.4.4", "trusted_is_wider"},
    expression{R"(^8\.8\.)", pattern_type::ip, "8.8.4.0/24", "partial"},
    expression{R"(^8\.8\.)", pattern_type::ip, "8.9.4.4", ""},
    expression{R"(\Qa[b&&@\Ex\.example)", pattern_type::email, "c@x.example", ""}};

}  // namespace

BOOST_DATA_TEST_CASE(an_expression_is_tried_on_what_is_of_its_type, expressions) {
    auto const found =
        meet(std::string{sample.blocked} + '\n', {trusted(sample.pattern, sample.type)});
    names expected;
    if (*sample.overlap != '\0') {
        expected.push_back(std::string{"1 "} + sample.blocked + ' ' + sample.pattern + ' ' +
                           sample.overlap);
    }
    CHECK_SAME(told(found), expected);
}

BOOST_AUTO_TEST_CASE(an_expression_of_the_feed_is_tried_on_the_list) {
    auto const found =
        meet("pattern,pattern_type,is_regex\n.*@.*\\.example,EMAIL,true\n.*@no,EMAIL,true\n",
             {trusted("a@fine.example", pattern_type::email, false),
              trusted("b@fine.example", pattern_type::email, false)});
    CHECK_SAME(told(found), (names{"2 .*@.*\\.example a@fine.example blocked_is_wider",
                                   "2 .*@.*\\.example b@fine.example blocked_is_wider"}));
    BOOST_TEST(found.not_compared.empty());
}

BOOST_AUTO_TEST_CASE(a_pattern_is_told_once_by_what_is_surest) {
    auto const found = meet("a@x.example\n", {trusted(".*@x\\.example", pattern_type::email),
                                              trusted("x\\.", pattern_type::domain),
                                              trusted("x.example", pattern_type::domain, false)});
    CHECK_SAME(told(found), names{"1 a@x.example x.example trusted_is_wider"});
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_is_told) {
    constexpr std::array beyond{
        "(?=a)b@x", "(?<!a)b@x",         R"((a)\1@x)", "a++b",         "[a-z&&[b]]",
        "[a[bc]]",  "[[:alpha:]]",       "(?<=x)@",    R"(\p{Alnum})", "(a",
        "a{2000}",  "((a{99}){99}){99}", "[]a]",       R"(\k<name>)",  "(?>a|b)c@x.test"};
    for (auto const* const each : beyond) {
        auto const found = meet("b@x.example\n", {trusted(each, pattern_type::email)});
        BOOST_TEST(found.conflicts.empty(), each);
        BOOST_TEST(found.not_compared.size() == 1U, each);
    }
    auto const expression = "^a@x\\.example$";
    auto found = meet("b@x.example\n", {trusted(expression, pattern_type::email)});
    BOOST_TEST(found.not_compared.empty());
    found = meet("x.example\n", {trusted(expression, pattern_type::email)});
    BOOST_TEST(is_left(found, expression, "by the address anyone@ alone"));
    found = meet("x.example\n", {trusted("mail\\.x", pattern_type::domain)});
    BOOST_TEST(is_left(found, "mail\\.x", "names below the domains"));
    found = meet("8.8.0.0/24\n", {trusted("^8\\.8\\.0\\.7$", pattern_type::ip)});
    BOOST_TEST(is_left(found, "^8\\.8\\.0\\.7$", "by the first address alone"));
    found = meet("pattern,pattern_type,is_regex\na@.*,EMAIL,true\n",
                 {trusted(expression, pattern_type::email)});
    BOOST_TEST(is_left(found, expression, "by the text alone"));
    BOOST_TEST(is_left(found, "a@.*", "by the text alone"));
    BOOST_TEST(found.not_compared.front().line + found.not_compared.back().line == 2);
}

/// Expressions that take a backtracking engine for ever: the test ends, or it does not.
BOOST_AUTO_TEST_CASE(no_expression_blows_up) {
    std::string const run(60, 'a');
    std::string feed;
    for (int i = 0; i != 200; ++i) feed += run + "@x" + std::to_string(i) + ".example\n";
    std::vector<es::allow_policy> policies;
    for (auto const* const each :
         {"(a+)+$", "(a|aa)+$", "(.*a){20}!", "(a?){60}a{60}!", "(([a-z])+.)+!([a-z])+$",
          "(x+x+)+y", "^(a|a|a|a)*!$", "((((a*)*)*)*)*!", "(.|.|.)*\\1"}) {
        policies.push_back(trusted(each, pattern_type::email));
    }
    auto const found = meet(feed, policies);
    BOOST_TEST(found.conflicts.size() == 0U);
    BOOST_TEST(is_left(found, "(.|.|.)*\\1", "only Java understands"));
}

BOOST_AUTO_TEST_SUITE_END()
