#include <cloudflare/detail/one_line.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using cloudflare::one_cell;
using cloudflare::one_line;

BOOST_AUTO_TEST_SUITE(text_for_people)

namespace {

std::string utf_8(std::uint32_t point) {
    std::string text;
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xC0U | point >> 6U);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xE0U | point >> 12U);
    } else {
        text += static_cast<char>(0xF0U | point >> 18U);
        text += static_cast<char>(0x80U | (point >> 12U & 0x3FU));
    }
    if (point >= 0x800) text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
    if (point >= 0x80) text += static_cast<char>(0x80U | (point & 0x3FU));
    return text;
}

struct range {
    std::uint32_t first;
    std::uint32_t last;
};

}  // namespace

BOOST_AUTO_TEST_CASE(is_on_one_line) {
    BOOST_TEST(one_line("") == "");
    BOOST_TEST(one_line("a\r\n\tb\x1b[2J\x7f") == "a   b<U+001B>[2J<U+007F>");
    BOOST_TEST(one_line("\v\f\xc2\x85|") == "   |");
    BOOST_TEST(one_line("\xc2\x80 \xc2\x9f \xc2\xa0") == "<U+0080> <U+009F> \xc2\xa0");
    BOOST_TEST(one_line(std::string("a\0b", 3)) == "a<U+0000>b");
    BOOST_TEST(one_line("\x9b 2J") == "? 2J");
    BOOST_TEST(one_line("\xe2\x82") == "??");
    BOOST_TEST(one_line("\xe2\x82\xac and \xf0\x9f\x93\xa7") ==
               "\xe2\x82\xac and \xf0\x9f\x93\xa7");
}

BOOST_AUTO_TEST_CASE(names_what_is_invisible) {
    BOOST_TEST(one_line("\u202Eelpmaxe.knab@ssob\u202C") == "<U+202E>elpmaxe.knab@ssob<U+202C>");
    // The ends of each range, and what stands beside it.
    for (auto const& [first, last] :
         {range{0xAD, 0xAD}, range{0x200B, 0x200F}, range{0x2028, 0x202E}, range{0x2060, 0x206F},
          range{0xFEFF, 0xFEFF}, range{0x061C, 0x061C}, range{0x3164, 0x3164},
          range{0xFFF0, 0xFFFB}, range{0xE0000, 0xE0FFF}, range{0x1D173, 0x1D17A}}) {
        for (auto point = first; point <= last; ++point) {
            auto const shown = one_line('a' + utf_8(point) + 'b');
            BOOST_TEST(shown.starts_with("a<U+"), point);
            BOOST_TEST(shown.ends_with(">b"), point);
            BOOST_TEST(one_line(shown) == shown);
        }
        for (auto const point : {first - 1, last + 1}) {
            BOOST_TEST(one_line(utf_8(point)) == utf_8(point), point);
        }
    }
    BOOST_TEST(one_line(utf_8(0xE0041)) == "<U+E0041>");
}

BOOST_AUTO_TEST_CASE(leaves_what_can_be_seen) {
    for (std::string const text :
         {"gr\u00FC\u00DFe", "\u2764\uFE0F", "\u3053\u3093", "\u05D0\u05D1", "\u0627\u0644",
          "e\u0301", "\u2026", "\U0001F600"}) {
        BOOST_TEST(one_line(text) == text);
        BOOST_TEST(one_cell(text, 20) == text);
    }
}

BOOST_AUTO_TEST_CASE(a_cell_is_short_and_no_other_column) {
    BOOST_TEST(one_cell("", 5) == "");
    BOOST_TEST(one_cell("  \t", 5) == "");
    BOOST_TEST(one_cell(" Your parcel  BENIGN \u00A0\u3000\u2003 delivered\r\n", 80) ==
               "Your parcel BENIGN delivered");
    BOOST_TEST(one_cell("abcde", 5) == "abcde");
    BOOST_TEST(one_cell("abcde   ", 5) == "abcde");
    BOOST_TEST(one_cell("abcdef", 5) == "abcd\u2026");
    BOOST_TEST(one_cell("abcd  ef", 5) == "abcd\u2026");
    BOOST_TEST(one_cell("\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC", 5) ==
               "\u20AC\u20AC\u20AC\u20AC\u2026");
    // What is named is not cut through.
    BOOST_TEST(one_cell("ab\u202Ecdef", 5) == "ab\u2026");
    BOOST_TEST(one_cell("ab\u202Ecdef", 11) == "ab<U+202E>\u2026");
    BOOST_TEST(one_cell(std::string(10'000'000, 'x'), 80) == std::string(79, 'x') + "\u2026");
}

BOOST_AUTO_TEST_CASE(a_line_is_short_whatever_is_in_it) {
    using cloudflare::short_line;
    BOOST_TEST(short_line("abcde", 5) == "abcde");
    BOOST_TEST(short_line("abcdef", 5) == "abcde...");
    BOOST_TEST(short_line("abcd\u20AC", 5) == "abcd...");
    std::string hidden;
    while (hidden.size() < 900) hidden += "\u200B";
    BOOST_TEST(short_line(hidden, 1024).size() <= 1024U + 3);
}

BOOST_AUTO_TEST_SUITE_END()
