#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

es::new_block_sender new_pattern() {
    return {"a@b.test", es::pattern_type::email};
}

auto const done = success(R"({"id":1})");

/// Closes, and checks that nothing of the client keeps the context running after that.
void close_and_check(world& w, cloudflare::client const& which, std::chrono::milliseconds drain) {
    auto closing = asio::co_spawn(w.context, which.close(drain), asio::use_future);
    finish(w.context, std::move(closing));
}

asio::awaitable<bool> close_and_tell(cloudflare::client which) {
    co_await which.close(1h);
    co_return true;
}

void run_dry(world& w) {
    w.context.restart();
    while (w.context.poll() > 0) {
    }
    BOOST_TEST(w.context.stopped());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(refuses_new_calls) {
    world w;
    w.server.answers({done});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    close_and_check(w, blocked.client(), 1h);
    w.server.wait_until_idle();
    auto const got = w.run(blocked.create(new_pattern()));
    REQUIRE_ERROR(got, errc::closed);
    BOOST_CHECK(got.error().outcome() == outcome::not_sent);
    close_and_check(w, blocked.client(), 1h);  // again does no harm
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(lets_calls_in_flight_end) {
    world w;
    gate released;
    w.server.on_connection({expect(), wait_for(released), answer(done)});
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    auto closing = asio::co_spawn(w.context, blocked.client().close(1h), asio::use_future);
    while (w.context.poll() > 0) {
    }
    REQUIRE_ERROR(w.run(blocked.get(2)), errc::closed);
    BOOST_TEST(!call->is_done());
    released.open();
    REQUIRE_VALUE(w.finish(call));
    finish(w.context, std::move(closing));
    w.server.wait_until_idle();
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(cuts_off_what_does_not_end) {
    world w;
    w.server.otherwise({expect(), hang()});
    auto const blocked = w.blocked();
    auto const write = w.start(blocked.create(new_pattern()));
    auto const read = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 2; });
    close_and_check(w, blocked.client(), 10ms);
    auto const made = w.finish(write);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    REQUIRE_ERROR(w.finish(read), errc::closed);
    w.server.wait_until_idle();
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(wakes_those_who_wait_for_the_quota) {
    world w;
    w.server.answers({done});
    auto options = w.options();
    options.rate_limit(cloudflare::rate_limit_options{}.quota(1, 300s).reserve(0));
    auto const blocked = w.blocked(options);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const call = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return blocked.client().quota().waiting == 1; });
    close_and_check(w, blocked.client(), 0ms);
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::not_sent);
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(wakes_those_who_wait_for_the_quota_before_a_retry) {
    world w;
    w.server.answers({done, failure(503, 1, "down")});
    auto options = w.options();
    options.rate_limit(cloudflare::rate_limit_options{}.quota(2, 300s).reserve(0));
    auto const blocked = w.blocked(options);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const call = w.start(blocked.remove(1, cloudflare::call_options{}.timeout(1h)));
    run_until(w.context, [&] { return blocked.client().quota().waiting == 1; });
    BOOST_TEST(w.server.request_count() == 2u);
    close_and_check(w, blocked.client(), 0ms);
    auto const gone = w.finish(call);
    REQUIRE_ERROR(gone, errc::closed);
    BOOST_CHECK(gone.error().outcome() == outcome::unknown);
    BOOST_TEST(gone.error().attempts() == 1);
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(leaves_others_in_the_queue_of_a_limiter_that_is_shared) {
    world w;
    w.server.answers({done});
    auto options = w.options();
    auto const limiter =
        cloudflare::make_rate_limiter(cloudflare::rate_limit_options{}.quota(1, 300s).reserve(0));
    options.rate_limiter(limiter);
    auto const closed = w.blocked(options);
    auto const open = w.blocked(options);
    REQUIRE_VALUE(w.run(open.get(1)));
    auto const first = w.start(closed.get(1));
    auto const second = w.start(open.get(1));
    auto const third = w.start(closed.get(1));
    run_until(w.context, [&] { return limiter->snapshot().waiting == 3; });
    close_and_check(w, closed.client(), 0ms);
    REQUIRE_ERROR(w.finish(first), errc::closed);
    REQUIRE_ERROR(w.finish(third), errc::closed);
    run_ready(w.context);
    BOOST_TEST(!second->is_done());
    BOOST_TEST(limiter->snapshot().waiting == 1u);
    second->cancel();
    REQUIRE_ERROR(w.finish(second), errc::cancelled);
}

BOOST_AUTO_TEST_CASE(wakes_those_in_backoff) {
    world w;
    w.server.answers({failure(503, 1, "down", "Retry-After: 300\r\n")});
    bool in_backoff = false;
    auto options = w.options();
    options.on_event([&](cloudflare::event const& happened) {
        if (happened.what == cloudflare::event::kind::retry_scheduled) in_backoff = true;
    });
    auto const blocked = w.blocked(options);
    auto const call = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return in_backoff; });
    while (w.context.poll() > 0) {
    }
    close_and_check(w, blocked.client(), 0ms);
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(sends_nothing_more_through_a_transport_of_the_users) {
    struct down final : cloudflare::transport {
        asio::awaitable<cloudflare::result<cloudflare::response>> send(
            cloudflare::request const&, cloudflare::attempt_facts&) override {
            ++sent;
            cloudflare::response answer;
            answer.status = 503;
            answer.retry_after = "300";
            co_return answer;
        }
        asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }
        int sent = 0;
    };
    world w;
    auto const transport = std::make_shared<down>();
    bool in_backoff = false;
    auto options = w.options();
    options.on_event([&](cloudflare::event const& happened) {
        if (happened.what == cloudflare::event::kind::retry_scheduled) in_backoff = true;
    });
    es::block_senders const blocked{
        cloudflare::client{w.context.get_executor(), options, transport}, account};
    auto const call = w.start(blocked.get(1, cloudflare::call_options{}.timeout(1h)));
    run_until(w.context, [&] { return in_backoff; });
    run_ready(w.context);
    close_and_check(w, blocked.client(), 0ms);
    REQUIRE_ERROR(w.finish(call), errc::closed);
    BOOST_TEST(transport->sent == 1);
}

BOOST_AUTO_TEST_CASE(wakes_those_who_wait_for_a_connection) {
    server_settings settings;
    settings.handshakes = false;
    world w{settings};
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return w.server.connections() == 1; });
    close_and_check(w, blocked.client(), 0ms);
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::not_sent);
    run_dry(w);
    w.server.wait_until_idle();
}

BOOST_AUTO_TEST_CASE(by_several_at_once) {
    world w;
    gate released;
    w.server.on_connection({expect(), wait_for(released), answer(done)});
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    std::vector<std::future<void>> closing;
    for (int i = 0; i < 3; ++i) {
        closing.push_back(asio::co_spawn(w.context, blocked.client().close(1h), asio::use_future));
    }
    run_ready(w.context);
    released.open();
    REQUIRE_VALUE(w.finish(call));
    for (auto& each : closing) finish(w.context, std::move(each));
    run_dry(w);
}

BOOST_AUTO_TEST_CASE(cancelled_it_waits_no_longer) {
    world w;
    w.server.otherwise({expect(), hang()});
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    auto const closing = w.start(close_and_tell(blocked.client()));
    run_ready(w.context);
    closing->cancel();
    BOOST_TEST(w.finish(closing));
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::closed);
    w.server.wait_until_idle();
    run_dry(w);
}

BOOST_AUTO_TEST_SUITE_END()
