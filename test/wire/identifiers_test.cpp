#include <cloudflare/detail/codec.hpp>
#include <cloudflare/identifier.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>

using cloudflare::identifier;

BOOST_AUTO_TEST_SUITE(identifiers)

BOOST_AUTO_TEST_CASE(go_back_in_the_form_in_which_they_came) {
    using cloudflare::wire::to_json;
    BOOST_TEST(to_json(identifier{2402}) == "2402");
    BOOST_TEST(to_json(identifier{"2402"}) == "\"2402\"");
    BOOST_TEST(to_json(identifier{std::numeric_limits<std::int64_t>::max()}) ==
               "9223372036854775807");
    // Over what JSON readers take for an integer it goes as text, and not as another number.
    BOOST_TEST(to_json(identifier{std::numeric_limits<std::uint64_t>::max()}) ==
               "\"18446744073709551615\"");
}

BOOST_AUTO_TEST_SUITE_END()
