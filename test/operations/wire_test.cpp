#include "exchange.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;

BOOST_AUTO_TEST_SUITE(wire)

BOOST_AUTO_TEST_CASE(each_function_sends_exactly_what_it_should) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (auto const& list : {settings_exchanges(), message_exchanges()}) {
        for (auto const& each : list) {
            BOOST_TEST_CONTEXT(each.expected) {
                world w;
                w.server->answer(each.status, each.status == 204 ? "" : envelope(each.result));
                BOOST_TEST(each.call(w));
                BOOST_TEST_REQUIRE(w.server->requests.size() == 1U);
                BOOST_TEST(w.server->last() == each.expected);
                auto const& what = w.server->requests.front().operation;
                seen.emplace(to_string(what.method), what.path);
            }
        }
    }
    for (auto const& each : es::all_operations) {
        BOOST_TEST_CONTEXT(each.area << "::" << each.function) {
            BOOST_TEST(seen.count({to_string(each.what.method), each.what.path}) == 1U);
        }
    }
    BOOST_TEST(seen.size() == es::all_operations.size());
}

BOOST_AUTO_TEST_SUITE_END()
