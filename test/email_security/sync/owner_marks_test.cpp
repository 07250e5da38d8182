#include "email_security/sync/owner_marks.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace es = cloudflare::email_security;

BOOST_AUTO_TEST_SUITE(owner_marks)

BOOST_AUTO_TEST_CASE(only_the_block_at_the_end_counts) {
    BOOST_TEST(es::is_owned_by("[owner:a]", "a"));
    BOOST_TEST(es::is_owned_by("x [owner:a]", "a"));
    BOOST_TEST(es::is_owned_by("x [owner:b] y [owner:a]", "a"));
    BOOST_TEST(es::is_owned_by("x [owner:a] \r\n", "a"));
    BOOST_TEST(!es::is_owned_by("x [owner:a] [owner:b]", "a"));
    for (std::string const text :
         {"[owner:a] x", "x [owner:a] y", "x[owner:a]", "[[owner:a]", "x [owner:a]]", "[owner:a].",
          "x [owner:]", "x [owner:a b]", "owner:a]", "]", "[", "", "[owner:a", "x (owner:a)"}) {
        BOOST_TEST(!es::is_owned_by(text, "a"), text);
        BOOST_TEST(es::text_of(text) == text);
        BOOST_TEST(es::without_owners(text) == text);
        auto const marked = es::with_owner(text, "a");
        BOOST_TEST(es::is_owned_by(marked, "a"), marked);
        BOOST_TEST(es::text_of(marked) == text);
    }
}

BOOST_AUTO_TEST_CASE(marks_of_a_later_version_stay) {
    std::string const there = "x [owner:a] [gone:2030-01-01]";
    BOOST_TEST(es::is_owned_by(there, "a"));
    BOOST_TEST(es::text_of(there) == "x");
    BOOST_TEST(es::with_owner(there, "a") == there);
    BOOST_TEST(es::with_owner(there, "b") == there + " [owner:b]");
    BOOST_TEST(es::with_text(there, "y") == "y [owner:a] [gone:2030-01-01]");
    // An address on the web is none, nor is what somebody wrote in words.
    BOOST_TEST(es::text_of("x [https://a.example/]") == "x [https://a.example/]");
    BOOST_TEST(es::text_of("x [note: call Bob]") == "x [note: call Bob]");
}

BOOST_AUTO_TEST_CASE(no_text_brings_marks_along) {
    for (std::string const text : {"x [owner:b]", "x [owner:b] ", "x [owner:b]  [owner:c]",
                                   "x [owner:b]\n", "[gone:2020-01-01]"}) {
        auto const made = es::with_owner(es::text_of(text), "a");
        BOOST_TEST(es::is_owned_by(made, "a"), made);
        BOOST_TEST(made.find("[owner:b]") == std::string::npos, made);
        BOOST_TEST(es::with_text("z [owner:a]", text).ends_with(" [owner:a]") ==
                   (es::text_of(text) != ""));
    }
}

BOOST_AUTO_TEST_SUITE_END()
