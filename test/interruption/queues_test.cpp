#include "scene.hpp"
#include "virtual_clock.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::pool_options;
using cloudflare::rate_limit_options;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");

}  // namespace

BOOST_AUTO_TEST_SUITE(queues)

BOOST_AUTO_TEST_CASE(who_leaves_the_queue_of_the_limiter_leaves_no_hole) {
    constexpr std::size_t waiting = 5;
    for (unsigned leaving = 1; leaving < 1U << waiting; ++leaving) {
        BOOST_TEST_CONTEXT("leaving: bits of " << leaving) {
            scene s;
            s.server.answers({done});
            s.senders =
                s.blocked(s.patient().rate_limit(rate_limit_options{}.quota(1, 40min).reserve(0)));
            REQUIRE_VALUE(s.run(s.senders->get(1)));
            std::vector<call_under_way> calls;
            for (std::size_t i = 0; i < waiting; ++i) {
                calls.push_back(s.start(interruptible(s.senders->get(1))));
            }
            run_ready(s.context);
            for (std::size_t i = 0; i < waiting; ++i) {
                if ((leaving >> i & 1U) != 0) calls[i]->cancel();
            }
            std::size_t served = 1;
            for (std::size_t i = 0; i < waiting; ++i) {
                if ((leaving >> i & 1U) != 0) {
                    REQUIRE_ERROR(s.finish(calls[i]), errc::cancelled);
                    continue;
                }
                // One window for each that stayed, in their order.
                pass(s.context, 41min);
                REQUIRE_VALUE(s.finish(calls[i]));
                ++served;
                run_ready(s.context);
                BOOST_TEST(s.server.request_count() == served);
            }
            BOOST_TEST(s.senders->client().quota().waiting == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_slow_answer_does_not_stall_the_queue_of_the_limiter) {
    // Nothing is known of the quota yet: a request goes out every second until an answer tells.
    scene s;
    s.server.otherwise({expect(), wait_for(s.released), answer(done)});
    auto options = s.patient().rate_limit(rate_limit_options{});
    options.pool(pool_options{}.exchange_timeout(long_after));
    s.senders = s.blocked(options);
    std::vector<call_under_way> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(s.start(interruptible(s.senders->get(1))));
    for (std::size_t sent = 1; sent <= calls.size(); ++sent) {
        run_until(s.context, [&] { return s.server.request_count() >= sent; });
        pass(s.context, 1s);
    }
    s.released.open();
    for (auto const& each : calls) REQUIRE_VALUE(s.finish(each));
}

BOOST_AUTO_TEST_CASE(who_leaves_the_queue_of_the_pool_leaves_no_hole) {
    for (unsigned leaving = 1; leaving < 1U << 4U; ++leaving) {
        BOOST_TEST_CONTEXT("leaving: bits of " << leaving) {
            scene s;
            s.server.on_connection({expect(), wait_for(s.released), answer(done),
                                    serve([](seen_request const&) { return done; })});
            s.senders = s.blocked(s.patient());
            auto const first = s.start(interruptible(s.senders->get(1)));
            run_until(s.context, [&] { return s.server.request_count() == 1; });
            std::vector<call_under_way> calls;
            for (int i = 0; i < 4; ++i) calls.push_back(s.start(interruptible(s.senders->get(1))));
            run_ready(s.context);
            // In the same moment as the connection comes free.
            s.released.open();
            for (std::size_t i = 0; i < calls.size(); ++i) {
                if ((leaving >> i & 1U) != 0) calls[i]->cancel();
            }
            REQUIRE_VALUE(s.finish(first));
            for (std::size_t i = 0; i < calls.size(); ++i) {
                auto const got = s.finish(calls[i]);
                if ((leaving >> i & 1U) != 0) {
                    REQUIRE_ERROR(got, errc::cancelled);
                } else {
                    REQUIRE_VALUE(got);
                }
            }
            check_soundness(s);
            BOOST_TEST(s.connections_opened == 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_dialed_for_a_client_that_is_gone) {
    server_settings settings;
    settings.handshakes = false;
    scene s{settings};
    s.senders = s.blocked(s.patient());
    s.begin(s.senders->get(1));
    s.wait_until([&] { return s.server.connections() == 1; });
    s.call->cancel();
    REQUIRE_ERROR(s.finish(s.call), errc::cancelled);
    s.senders.reset();
    run_ready(s.context);
    BOOST_TEST(s.context.stopped(), "something keeps the context running");
    s.server.wait_until_idle();
}

BOOST_AUTO_TEST_SUITE_END()
