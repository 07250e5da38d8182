#include "time_text.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace sim = cloudflare::simulator;

BOOST_AUTO_TEST_SUITE(times)

BOOST_AUTO_TEST_CASE(what_is_read) {
    struct {
        std::string text;
        std::string expected;
    } const cases[] = {
        {"2026-08-22T10:00:00Z", "2026-08-22T10:00:00.000000Z"},
        {"2026-08-22t10:00:00z", "2026-08-22T10:00:00.000000Z"},
        {"2026-08-22T10:00:00.5Z", "2026-08-22T10:00:00.500000Z"},
        {"2026-08-22T10:00:00.123456789Z", "2026-08-22T10:00:00.123456Z"},
        {"2026-08-22T01:00:00+02:00", "2026-08-21T23:00:00.000000Z"},
        {"2026-08-22T10:00:00.25-00:30", "2026-08-22T10:30:00.250000Z"},
        {"2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000000Z"},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.text) {
            auto const read = sim::from_rfc3339(one.text);
            BOOST_REQUIRE(read.has_value());
            BOOST_TEST(sim::to_rfc3339(*read) == one.expected);
        }
    }
    auto const day = sim::from_date("2026-08-22");
    BOOST_REQUIRE(day.has_value());
    BOOST_TEST(sim::to_rfc3339(*day) == "2026-08-22T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
    for (std::string const text :
         {"", "now", "2026-08-22", "2026-08-22T10:00:00", "2026-08-22 10:00:00Z",
          "2026-08-22T10:00Z", "2026-02-30T10:00:00Z", "2026-08-22T24:00:00Z",
          "2026-08-22T10:60:00Z", "2026-08-22T10:00:61Z", "2026-08-22T10:00:00.Z",
          "2026-08-22T10:00:00+02", "2026-08-22T10:00:00+0200", "2026-08-22T10:00:00 02:00",
          "2026-08-22T10:00:00+02:00Z", "2026-08-22T10:00:00ZZ", "+026-08-22T10:00:00Z",
          "2026-08-22T-1:00:00Z"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!sim::from_rfc3339(text));
        }
    }
    for (std::string const text : {"", "2026-8-22", "2026-13-01", "2026/08/22", "2026-08-22T"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!sim::from_date(text));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
