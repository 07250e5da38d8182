#include <cloudflare/detail/codec.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using cloudflare::wire::to_json;

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(has_nothing_that_a_terminal_obeys) {
    BOOST_TEST(to_json(std::string{"\u009B31m\u007F\u0080\u009F"}) ==
               R"("\u009b31m\u007f\u0080\u009f")");
    BOOST_TEST(to_json(std::string{"a\u2028b\u2029c"}) == R"("a\u2028b\u2029c")");
    BOOST_TEST(to_json(std::string{"\x1b[31m\n"}) == R"("\u001b[31m\n")");
}

BOOST_AUTO_TEST_CASE(leaves_all_else_as_it_is) {
    BOOST_TEST(to_json(std::string{"\u00A0\u00FC\u2027\u202A\u20AC\U0001F600\\u009b"}) ==
               "\"\u00A0\u00FC\u2027\u202A\u20AC\U0001F600\\\\u009b\"");
}

BOOST_AUTO_TEST_CASE(comes_back_the_same) {
    std::string text;
    for (int c = 1; c != 0x80; ++c) text += static_cast<char>(c);
    for (int c = 0x80; c != 0xC0; ++c) (text += '\xC2') += static_cast<char>(c);
    for (int c = 0x80; c != 0xC0; ++c) (text += "\xE2\x80") += static_cast<char>(c);
    auto const json = to_json(text);
    BOOST_TEST(std::string{boost::json::parse(json).as_string()} == text);
    // Wherever the parts end that it is written in.
    for (std::size_t before = 480; before != 520; ++before) {
        auto const longer = std::string(before, 'x') + text;
        BOOST_TEST(std::string{boost::json::parse(to_json(longer)).as_string()} == longer);
    }
}

BOOST_AUTO_TEST_SUITE_END()
