#include "exchange.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;

namespace {

/// What the API answers a batch with: what was asked for, and identifiers of what was created.
std::string batch_done(std::string const& asked) {
    auto done = boost::json::parse(asked).as_object();
    if (auto* const posts = done.if_contains("posts")) {
        for (auto& each : posts->as_array()) each.as_object()["id"] = "new";
    }
    return boost::json::serialize(done);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire)

BOOST_AUTO_TEST_CASE(each_function_sends_exactly_what_it_should) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (auto const& list : {settings_exchanges(), message_exchanges()}) {
        for (auto const& each : list) {
            BOOST_TEST_CONTEXT(each.expected) {
                world w;
                if (each.expected.find("/batch {") == std::string::npos) {
                    w.server->answer(each.status, each.status == 204 ? "" : envelope(each.result));
                } else {
                    w.server->on_request = [&w] {
                        w.server->answer(200, envelope(batch_done(w.server->requests.back().body)));
                    };
                }
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
