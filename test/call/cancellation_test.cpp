#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

es::new_block_sender new_pattern() {
    return {"a@b.test", es::pattern_type::email};
}

auto const done = success(R"({"id":1})");

template <class T>
void check_cancelled(cloudflare::result<T> const& got, outcome became) {
    REQUIRE_ERROR(got, errc::cancelled);
    BOOST_CHECK(got.error().code() == std::errc::operation_canceled);
    BOOST_TEST(got.error().outcome() == became);
}

/// Grants the first attempt of all, and nothing after.
class one_grant final : public cloudflare::rate_limiter {
public:
    bool try_acquire(cloudflare::grant_request const&) override {
        return std::exchange(first_, false);
    }
    asio::awaitable<cloudflare::result<void>> acquire(cloudflare::grant_request,
                                                      std::chrono::steady_clock::time_point,
                                                      std::stop_token) override {
        is_waiting = true;
        asio::steady_timer never{co_await asio::this_coro::executor,
                                 std::chrono::steady_clock::time_point::max()};
        boost::system::error_code ec;
        co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        co_return cloudflare::error{errc::cancelled, {}};
    }
    void observe(cloudflare::rate_limit_report const&) override {}
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    bool is_waiting = false;

private:
    bool first_ = true;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cancellation)

BOOST_AUTO_TEST_CASE(in_the_queue_of_the_limiter) {
    world w;
    w.server.answers({done});
    auto options = w.options();
    options.rate_limit(cloudflare::rate_limit_options{}.quota(1, 60s).reserve(0));
    auto const blocked = w.blocked(options);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const first = w.start(blocked.create(new_pattern()));
    auto const second = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return blocked.client().quota().waiting == 2; });
    first->cancel();
    check_cancelled(w.finish(first), outcome::not_sent);
    BOOST_TEST(blocked.client().quota().waiting == 1u);
    second->cancel();
    check_cancelled(w.finish(second), outcome::not_sent);
    BOOST_TEST(blocked.client().quota().waiting == 0u);
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(in_the_queue_of_the_pool) {
    world w;
    gate released;
    w.server.on_connection({expect(), wait_for(released), answer(done), expect(), answer(done)});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    auto const first = w.start(blocked.get(1));
    run_until(w.context, [&] { return w.server.request_count() == 1; });
    auto const second = w.start(blocked.create(new_pattern()));
    while (w.context.poll() > 0) {
    }
    second->cancel();
    check_cancelled(w.finish(second), outcome::not_sent);
    released.open();
    REQUIRE_VALUE(w.finish(first));
    REQUIRE_VALUE(w.run(blocked.get(2)));
}

BOOST_AUTO_TEST_CASE(in_the_handshake) {
    server_settings settings;
    settings.handshakes = false;
    world w{settings};
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.create(new_pattern()));
    run_until(w.context, [&] { return w.server.connections() == 1; });
    while (w.context.poll() > 0) {
    }
    call->cancel();
    check_cancelled(w.finish(call), outcome::not_sent);
}

BOOST_AUTO_TEST_CASE(in_the_write_of_a_large_body) {
    server_settings settings;
    settings.receive_buffer = 4096;
    world w{settings};
    gate never;
    w.server.on_connection({wait_for(never), close()}).on_connection({expect(), answer(done)});
    es::block_senders::batch_request large;
    for (int i = 0; i < 1000; ++i) {
        for (int kind = 0; kind < 2; ++kind) {
            auto item =
                es::new_block_sender{std::string(1024, 'p'), es::pattern_type::domain}.comments(
                    std::string(1024, 'c'));
            if (kind == 0) large.create(item);
            if (kind == 1) large.replace(i, item);
        }
    }
    auto options = w.options();
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    auto const call = w.start(blocked.batch(std::move(large)));
    run_until(w.context, [&] { return blocked.client().metrics().bytes_sent > 0; });
    while (w.context.run_one_for(20ms) > 0) {  // until the socket takes no more
    }
    BOOST_TEST(!call->is_done());
    call->cancel();
    check_cancelled(w.finish(call), outcome::unknown);
    never.open();
    REQUIRE_VALUE(w.run(blocked.get(1)));
}

BOOST_AUTO_TEST_CASE(while_reading) {
    world w;
    w.server.on_connection({expect("POST"), hang()})
        .on_connection({expect("GET"), answer("HTTP/1.1 200 OK\r\n"), hang()})
        .on_connection({expect("PATCH"), hang()})
        .on_connection({expect(), answer(done)});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(1));
    auto const blocked = w.blocked(options);
    auto const cancel_at_server = [&](auto call, std::size_t requests) {
        run_until(w.context, [&] { return w.server.request_count() == requests; });
        while (w.context.poll() > 0) {
        }
        call->cancel();
        return w.finish(call);
    };
    check_cancelled(cancel_at_server(w.start(blocked.create(new_pattern())), 1), outcome::unknown);
    check_cancelled(cancel_at_server(w.start(blocked.get(1)), 2), outcome::not_sent);
    check_cancelled(
        cancel_at_server(w.start(blocked.edit(1, es::block_sender_patch{}.is_regex(true))), 3),
        outcome::unknown);
    REQUIRE_VALUE(w.run(blocked.get(1)));
}

BOOST_AUTO_TEST_CASE(during_backoff) {
    for (bool const may_be_applied : {true, false}) {
        world w;
        w.server.answers({failure(may_be_applied ? 503 : 429, 1, "wait", "Retry-After: 300\r\n")});
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
        call->cancel();
        check_cancelled(w.finish(call), may_be_applied ? outcome::unknown : outcome::rejected);
        BOOST_TEST(w.server.request_count() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(in_the_queue_of_the_limiter_before_a_retry) {
    world w;
    w.server.answers({failure(503, 1, "down")});
    auto const limiter = std::make_shared<one_grant>();
    auto options = w.options();
    options.rate_limiter(limiter);
    auto const call = w.start(w.blocked(options).edit(1, es::block_sender_patch{}.is_regex(true)));
    run_until(w.context, [&] { return limiter->is_waiting; });
    while (w.context.poll() > 0) {
    }
    call->cancel();
    check_cancelled(w.finish(call), outcome::unknown);
}

BOOST_AUTO_TEST_CASE(while_looking_up_what_became_of_a_create) {
    world w;
    w.server.on_connection(
        {expect("POST"), answer(failure(503, 1, "down")), expect("GET"), hang()});
    auto const call = w.start(w.blocked().create(new_pattern()));
    run_until(w.context, [&] { return w.server.request_count() == 2; });
    while (w.context.poll() > 0) {
    }
    call->cancel();
    check_cancelled(w.finish(call), outcome::unknown);
    BOOST_TEST(w.server.request_count() == 2u);
}

BOOST_AUTO_TEST_CASE(at_any_step_of_a_call) {
    world w;
    std::atomic<unsigned> answered = 0;
    std::atomic<bool> is_well = false;
    w.server.otherwise({serve([&](seen_request const& got) {
        if (answered++ % 5 == 0 && !is_well) return failure(503, 1, "down");
        auto const is_list = got.method == "GET" && got.target.find('?') != std::string::npos;
        return is_list ? success("[]") : success(R"({"id":1,"pattern":"a@b.test"})");
    })});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(2));
    auto const blocked = w.blocked(options);
    std::minstd_rand random{42};
    int cancelled = 0;
    int finished = 0;
    for (int round = 0; round < 300; ++round) {
        auto const steps = random() % 40;
        auto const first = w.start(blocked.create(new_pattern()));
        auto const second = w.start(blocked.get(1));
        auto const third = w.start(blocked.remove(1));
        w.context.restart();
        for (unsigned i = 0; i < steps; ++i) w.context.run_one_for(1ms);
        if (!first->is_done()) first->cancel();
        if (!third->is_done()) third->cancel();
        auto const made = w.finish(first);
        auto const gone = w.finish(third);
        if (made) ++finished;
        if (!made && made.error().code() == errc::cancelled) ++cancelled;
        w.finish(second);
        if (!gone) BOOST_TEST(gone.error().message() != "");
    }
    BOOST_TEST(cancelled > 10);
    BOOST_TEST(finished > 10);
    // The pool is sound: both connections can be had, and all of them have an answer.
    is_well = true;
    std::vector<std::shared_ptr<under_way<cloudflare::result<cloudflare::deleted>>>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(w.start(blocked.remove(1)));
    for (auto const& each : calls) REQUIRE_VALUE(w.finish(each));
}

BOOST_AUTO_TEST_CASE(at_any_step_of_a_whole_list) {
    world w;
    w.server.otherwise({serve([](seen_request const& asked) {
        // Six pages of one entry each, and an empty one.
        auto const at = asked.target.find("?page=") == std::string::npos
                            ? asked.target.find("&page=")
                            : asked.target.find("?page=");
        auto const number = std::stoi(asked.target.substr(at + 6));
        auto const items = number > 6 ? "" : "{\"id\":" + std::to_string(number) + '}';
        return http_answer(200, R"({"success":true,"result":[)" + items +
                                    R"(],"result_info":{"total_count":6,"per_page":1}})");
    })});
    auto options = w.options();
    options.pool(pool_options{}.max_connections(2));
    auto const blocked = w.blocked(options);
    bool ended = false;
    for (int steps = 0; !ended && steps < 400; ++steps) {
        auto const call = w.start(blocked.list_all({}, {}, 2));
        w.context.restart();
        for (int i = 0; i < steps && !call->is_done(); ++i) w.context.run_one_for(100ms);
        ended = call->is_done();
        if (!ended) call->cancel();
        try {
            auto const got = w.finish(call);
            if (!got) REQUIRE_ERROR(got, errc::cancelled);
        } catch (boost::system::system_error const& thrown) {
            BOOST_ERROR("thrown after " << steps << " steps: " << thrown.what());
        }
    }
    BOOST_TEST(ended);
    BOOST_TEST(blocked.client().quota().waiting == 0u);
}

BOOST_AUTO_TEST_CASE(everything_destroyed_at_any_step) {
    scripted_server server;
    server.otherwise({serve([](seen_request const&) { return failure(503, 1, "down"); })});
    for (int steps = 0; steps < 120; ++steps) {
        auto context = std::make_unique<asio::io_context>(1);
        {
            auto options = quick_options(server.base_url());
            options.pool(pool_options{}.max_connections(2))
                .rate_limit(cloudflare::rate_limit_options{}.quota(6, 60s));
            es::block_senders const blocked{cloudflare::client{context->get_executor(), options},
                                            account};
            for (int i = 0; i < 4; ++i) {
                asio::co_spawn(*context, blocked.create(new_pattern()), [](auto&&...) {});
                asio::co_spawn(*context, blocked.list_all(), [](auto&&...) {});
            }
            if (steps % 3 == 0) {
                asio::co_spawn(*context, blocked.client().close(1s), [](auto&&...) {});
            }
            for (int i = 0; i < steps; ++i) context->run_one_for(1ms);
        }
        context.reset();
    }
}

// Only a sanitizer sees that the signal still held what belonged to the context.
BOOST_AUTO_TEST_CASE(a_signal_that_outlives_the_context) {
    scripted_server server;
    auto const page = http_answer(
        200,
        R"({"success":true,"result":[{"id":1}],"result_info":{"total_count":6,"per_page":1}})");
    server.otherwise({receive(), answer(page), wait_for_bytes(), hang()});
    asio::cancellation_signal stop;
    auto context = std::make_unique<asio::io_context>(1);
    {
        es::block_senders const blocked{
            cloudflare::client{context->get_executor(), quick_options(server.base_url())}, account};
        asio::co_spawn(*context, blocked.list_all({}, {}, 2),
                       asio::bind_cancellation_slot(stop.slot(), asio::detached));
    }
    // Beyond the first page, several are read at a time.
    run_until(*context, [&server] { return server.connections() >= 2; });
    context.reset();
}

// What the main thread owns is destroyed first. Only a sanitizer sees at the end of this program
// that something was done with it later.
BOOST_AUTO_TEST_CASE(destroyed_as_the_program_ends) {
    struct once final : cloudflare::transport {
        asio::awaitable<cloudflare::result<cloudflare::response>> send(
            cloudflare::request const&, cloudflare::attempt_facts&) override {
            if (std::exchange(was_asked, true)) {
                asio::steady_timer never{co_await asio::this_coro::executor,
                                         std::chrono::steady_clock::time_point::max()};
                co_await never.async_wait(asio::use_awaitable);
            }
            cloudflare::response answer;
            answer.status = 200;
            answer.body = R"({"success":true,"result":{"id":1}})";
            co_return answer;
        }
        asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }
        bool was_asked = false;
    };
    static asio::io_context context{1};
    es::block_senders const blocked{
        cloudflare::client{context.get_executor(), quick_options("https://localhost"),
                           std::make_shared<once>()},
        account};
    REQUIRE_VALUE(run(context, blocked.get(1)));
    asio::co_spawn(context, blocked.create(new_pattern()), asio::detached);
    run_ready(context);
}

BOOST_AUTO_TEST_SUITE_END()
