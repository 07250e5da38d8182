#include <cloudflare/timestamp.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

/// The moment in UTC, or nothing.
std::string read(std::string_view text) {
    auto const moment = cloudflare::parse_timestamp(text);
    return moment ? cloudflare::to_string(*moment) : std::string{};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timestamps)

BOOST_AUTO_TEST_CASE(have_a_fraction_of_any_length) {
    BOOST_TEST(read("2014-01-01T05:20:00Z") == "2014-01-01T05:20:00.000000Z");
    BOOST_TEST(read("2014-01-01T05:20:00.5Z") == "2014-01-01T05:20:00.500000Z");
    BOOST_TEST(read("2014-01-01T05:20:00.12345Z") == "2014-01-01T05:20:00.123450Z");
    BOOST_TEST(read("2014-01-01T05:20:00.123456789Z") == "2014-01-01T05:20:00.123456Z");
    BOOST_TEST(read("2014-01-01T05:20:00." + std::string(500, '9') + 'Z') ==
               "2014-01-01T05:20:00.999999Z");
}

BOOST_AUTO_TEST_CASE(have_any_offset) {
    BOOST_TEST(read("2014-01-01T05:20:00.5+01:30") == "2014-01-01T03:50:00.500000Z");
    BOOST_TEST(read("2013-12-31T23:20:00-05:45") == "2014-01-01T05:05:00.000000Z");
    BOOST_TEST(read("2014-01-01T00:00:00-00:00") == "2014-01-01T00:00:00.000000Z");
    BOOST_TEST(read("2014-01-01t05:20:00z") == "2014-01-01T05:20:00.000000Z");
}

BOOST_AUTO_TEST_CASE(may_be_before_1970_and_on_days_that_not_every_year_has) {
    BOOST_TEST(read("1969-12-31T23:59:59.9Z") == "1969-12-31T23:59:59.900000Z");
    BOOST_TEST(read("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000000Z");
    BOOST_TEST(read("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(are_in_the_years_that_can_be_written) {
    BOOST_TEST(read("0000-01-01T00:00:00Z") == "0000-01-01T00:00:00.000000Z");
    BOOST_TEST(read("9999-12-31T23:59:59.9999999Z") == "9999-12-31T23:59:59.999999Z");
    BOOST_TEST(read("0000-01-01T00:00:00+00:01") == "");
    BOOST_TEST(read("9999-12-31T23:59:59-00:01") == "");
    BOOST_TEST(read("9999-12-31T23:59:60Z") == "");
}

BOOST_AUTO_TEST_CASE(are_nothing_else) {
    for (std::string_view const text :
         {"", "2014-01-01", "2014-01-01T05:20:00", "2014-01-01T05:20Z", "2014-01-01T05:20:00.Z",
          "2014-01-01T24:00:00Z", "2014-01-01T05:60:00Z", "2014-01-01T05:20:61Z",
          "2014-13-01T05:20:00Z", "2023-02-29T05:20:00Z", "2014-01-00T05:20:00Z",
          "2014-01-01T05:20:00+1:00", "2014-01-01T05:20:00+24:00", "2014-01-01T05:20:00ZZ",
          " 2014-01-01T05:20:00Z", "-014-01-01T05:20:00Z", "2014-01-01T05:20:00.5+01:3"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(read(text) == "");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
