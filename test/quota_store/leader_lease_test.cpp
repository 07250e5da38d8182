// Who may work on something, of all that use a Redis server.

#include "harness.hpp"
#include "quota_store/redis_server.hpp"

#include <cloudflare/leader_lease.hpp>

#include <chrono>
#include <string>

using namespace cloudflare::test;
namespace asio = boost::asio;
namespace cf = cloudflare;
using namespace std::chrono_literals;

namespace {

struct lease_scene {
    ::test::redis_server server;
    asio::io_context context{1};

    cf::result<cf::leader_attempt> take(std::string holder, std::chrono::milliseconds lasts = 30s,
                                        std::string name = "list") {
        auto taking =
            asio::co_spawn(context,
                           cf::take_leader_lease(cf::quota_store_options{server.address()},
                                                 std::move(name), std::move(holder), lasts),
                           asio::use_future);
        return finish(context, std::move(taking));
    }
    void release(cf::leader_lease& which) {
        auto releasing = asio::co_spawn(context, which.release(), asio::use_future);
        finish(context, std::move(releasing));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(leader_lease)

BOOST_AUTO_TEST_CASE(one_has_it_at_a_time_and_the_next_has_a_greater_number) {
    lease_scene s;
    auto const first = s.take("host a").value();
    BOOST_REQUIRE(first.lease);
    BOOST_TEST(first.lease->is_held());
    auto const second = s.take("host b").value();
    BOOST_TEST(!second.lease);
    BOOST_TEST(second.holder == "host a");
    BOOST_TEST(s.take("host b", 30s, "another list").value().lease != nullptr);
    s.release(*first.lease);
    BOOST_TEST(!first.lease->is_held());
    auto const third = s.take("host b").value();
    BOOST_REQUIRE(third.lease);
    BOOST_TEST(third.lease->number() > first.lease->number());
    BOOST_TEST(s.server.command({"KEYS", "cfes:leader:*"}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(it_is_renewed_until_somebody_lets_go_of_it) {
    lease_scene s;
    auto first = s.take("host a", 600ms).value();
    BOOST_REQUIRE(first.lease);
    auto const begun = std::chrono::steady_clock::now();
    run_until(s.context, [&] { return std::chrono::steady_clock::now() > begun + 1500ms; });
    BOOST_TEST(!s.take("host b").value().lease);
    first.lease.reset();
    for (;;) {
        if (auto const next = s.take("host b").value(); next.lease) break;
    }
}

BOOST_AUTO_TEST_CASE(who_cannot_renew_it_knows_before_another_has_it) {
    lease_scene s;
    auto const first = s.take("host a", 600ms).value();
    BOOST_REQUIRE(first.lease);
    s.server.pause();
    run_until(s.context, [&] { return !first.lease->is_held(); });
    BOOST_CHECK(s.take("host b").error().code() == cf::errc::quota_unavailable);
    s.server.resume();
    for (;;) {
        auto const next = s.take("host b");
        if (!next || !next->lease) continue;
        BOOST_TEST(!first.lease->is_held());
        BOOST_TEST(next->lease->number() > first.lease->number());
        break;
    }
}

BOOST_AUTO_TEST_CASE(who_was_forgotten_does_not_have_it) {
    lease_scene s;
    auto const first = s.take("host a", 600ms).value();
    BOOST_REQUIRE(first.lease);
    s.server.command({"FLUSHALL"});
    auto const next = s.take("host b").value();
    BOOST_REQUIRE(next.lease);
    BOOST_TEST(next.lease->number() >= first.lease->number());
    run_until(s.context, [&] { return !first.lease->is_held(); });
}

BOOST_AUTO_TEST_CASE(a_file_has_none) {
    lease_scene s;
    auto taking = asio::co_spawn(
        s.context, cf::take_leader_lease(cf::quota_store_options{"file:/nowhere"}, "list", "host"),
        asio::use_future);
    BOOST_CHECK(finish(s.context, std::move(taking)).error().code() == cf::errc::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
