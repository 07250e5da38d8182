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
        BOOST_TEST(!es::look_at_marks(text, "a").is_marked());
        auto const marked = es::with_owner(text, "a");
        BOOST_TEST(es::is_owned_by(marked, "a"), marked);
        BOOST_TEST(es::without_owner(marked, "a") == text);
        BOOST_TEST(es::text_of(marked) == text);
    }
}

BOOST_AUTO_TEST_CASE(marks_of_a_later_version_stay) {
    std::string const there = "x [owner:a] [gone:2030-01-01]";
    BOOST_TEST(es::is_owned_by(there, "a"));
    BOOST_TEST(es::text_of(there) == "x");
    BOOST_TEST(es::with_owner(there, "a") == there);
    BOOST_TEST(es::with_owner(there, "b") == there + " [owner:b]");
    BOOST_TEST(es::with_text(there, "y").starts_with("y [owner:a] [gone:2030-01-01] [text:"));
    // An address on the web is none, nor is what somebody wrote in words.
    BOOST_TEST(es::text_of("x [https://a.example/]") == "x [https://a.example/]");
    BOOST_TEST(es::text_of("x [note: call Bob]") == "x [note: call Bob]");
}

BOOST_AUTO_TEST_CASE(a_text_is_a_syncs_while_its_hash_fits) {
    auto const is_by_hand = [](std::string const& comments) {
        return es::look_at_marks(comments, "a").is_text_by_hand;
    };
    auto const made = es::created_comments("INC-1", "a", {});
    BOOST_TEST(made.starts_with("INC-1 [owner:a] [text:"));
    BOOST_TEST(!is_by_hand(made));
    BOOST_TEST(!is_by_hand(es::with_owner(made, "b")));
    BOOST_TEST(!is_by_hand("  " + made + " "));
    BOOST_TEST(is_by_hand("see " + made));
    BOOST_TEST(is_by_hand("INC-1 [owner:a]"));
    BOOST_TEST(is_by_hand("INC-1"));
    // Nobody's text needs no mark.
    BOOST_TEST(es::created_comments("", "a", {}) == "[owner:a]");
    BOOST_TEST(!is_by_hand("[owner:a]"));
    BOOST_TEST(!is_by_hand(made.substr(6)));
    // Without an owner there are no marks, and what stays is a person's.
    BOOST_TEST(es::created_comments("INC-1", "", {}) == "INC-1");
    BOOST_TEST(es::without_owner(made, "a") == "INC-1");
    BOOST_TEST(es::without_owner(es::with_owner(made, "b"), "a").starts_with("INC-1 [text:"));
}

BOOST_AUTO_TEST_CASE(dates_are_their_owners) {
    auto const day = [](char const* text) { return es::parse_date(text); };
    std::string const there = "x [owner:a] [gone:2030-01-01] [owner:b] [until:2031-01-01] [keep:y]";
    auto const a = es::look_at_marks(there, "a");
    BOOST_TEST((a.gone == day("2030-01-01")));
    BOOST_TEST(!a.until.has_value());
    auto const b = es::look_at_marks(there, "b");
    BOOST_TEST(!b.gone.has_value());
    BOOST_TEST((b.until == day("2031-01-01")));
    BOOST_TEST(es::with_owner(there, "a", {}) ==
               "x [owner:a] [owner:b] [until:2031-01-01] [keep:y]");
    BOOST_TEST(es::with_owner(there, "b", {day("2030-02-02"), day("2030-03-03")}) ==
               "x [owner:a] [gone:2030-01-01] [owner:b] [gone:2030-02-02] [until:2030-03-03] "
               "[keep:y]");
    BOOST_TEST(es::with_owner("", "a", {std::nullopt, day("2030-03-03")}) ==
               "[owner:a] [until:2030-03-03]");
    BOOST_TEST(es::without_owner(there, "b") == "x [owner:a] [gone:2030-01-01] [keep:y]");
    BOOST_TEST(es::without_owner(there, "c") == there);
    // What is not a date is a mark of somebody else.
    BOOST_TEST(!es::look_at_marks("[owner:a] [gone:soon]", "a").gone.has_value());
    for (auto const* const text :
         {"", "2030-1-1", "2030-13-01", "2030-02-30", "2030-01-01T", "x"}) {
        BOOST_TEST(!es::parse_date(text).has_value(), text);
    }
    BOOST_TEST(es::to_text(*day("0999-12-31")) == "0999-12-31");
}

BOOST_AUTO_TEST_CASE(no_text_brings_marks_along) {
    for (std::string const text : {"x [owner:b]", "x [owner:b] ", "x [owner:b]  [owner:c]",
                                   "x [owner:b]\n", "[gone:2020-01-01]"}) {
        auto const made = es::with_owner(es::text_of(text), "a");
        BOOST_TEST(es::is_owned_by(made, "a"), made);
        BOOST_TEST(made.find("[owner:b]") == std::string::npos, made);
        BOOST_TEST(es::is_owned_by(es::with_text("z [owner:a]", text), "a"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
