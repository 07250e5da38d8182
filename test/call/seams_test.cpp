// Transports and limiters of the user's own that throw, do not return, or return too late; and what
// is sent again over them.
#include "mock_transport.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/bulk_jobs.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/detached.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::attempt_facts;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::error;
using cloudflare::event;
using cloudflare::http_method;
using cloudflare::outcome;
using cloudflare::request;
using cloudflare::response;
using cloudflare::result;
using namespace std::chrono_literals;

namespace {

es::new_block_sender const wanted{"evil.example", es::pattern_type::domain};
auto const one = R"({"id":"1"})";

/// Grants, but throws where it is told to.
class throwing_limiter final : public cloudflare::rate_limiter {
public:
    enum class at { try_acquire, acquire, observe };
    explicit throwing_limiter(at where) : where_{where} {}

    bool try_acquire(cloudflare::grant_request const&) override {
        fail_at(at::try_acquire);
        return where_ != at::acquire;
    }
    asio::awaitable<result<void>> acquire(cloudflare::grant_request,
                                          std::chrono::steady_clock::time_point,
                                          std::stop_token) override {
        fail_at(at::acquire);
        co_return result<void>{};
    }
    void observe(cloudflare::rate_limit_report const&) override { fail_at(at::observe); }
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    bool throws = true;

private:
    void fail_at(at here) const {
        if (throws && where_ == here) throw std::runtime_error{"redis is down"};
    }

    at where_;
};

/// Grants after a time.
class slow_limiter final : public cloudflare::rate_limiter {
public:
    explicit slow_limiter(std::chrono::milliseconds time) : time_{time} {}

    bool try_acquire(cloudflare::grant_request const&) override { return false; }
    asio::awaitable<result<void>> acquire(cloudflare::grant_request,
                                          std::chrono::steady_clock::time_point,
                                          std::stop_token) override {
        // It does not listen to cancellation either.
        asio::steady_timer timer{co_await asio::this_coro::executor, time_};
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await timer.async_wait(asio::use_awaitable);
        ++granted;
        co_return result<void>{};
    }
    void observe(cloudflare::rate_limit_report const& report) override {
        if (!report.sent) ++given_back;
    }
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    int granted = 0;
    int given_back = 0;

private:
    std::chrono::milliseconds time_;
};

asio::awaitable<result<response>> answer_after(std::chrono::milliseconds time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await timer.async_wait(asio::use_awaitable);
    co_return answered_with(one);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seams)

BOOST_AUTO_TEST_CASE(a_transport_that_throws_fails_its_call_only) {
    auto const calls = std::make_shared<int>(0);
    mock_world w{[=](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        if (++*calls == 1) throw std::runtime_error{"boom"};
        co_return answered_with(one);
    }};
    std::string kinds;
    auto options = quick_options("https://localhost");
    options.on_event([&](event const& e) { kinds += std::string{to_string(e.what)} + '\n'; });
    auto const blocked = w.blocked(options);
    auto const made = w.run(blocked.create(wanted));
    REQUIRE_ERROR(made, errc::connection_lost);
    BOOST_TEST(made.error().message().find("boom") != std::string::npos);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(kinds == "attempt started\nattempt ended\ncompleted\n");
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.requests == 1u);
    BOOST_TEST(counted.calls == 1u);
    BOOST_TEST(counted.failures == 1u);
    REQUIRE_VALUE(w.run(blocked.create(wanted)));
}

BOOST_AUTO_TEST_CASE(a_limiter_that_throws_fails_its_call_only) {
    using at = throwing_limiter::at;
    for (auto const where : {at::try_acquire, at::acquire, at::observe}) {
        mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
            co_return answered_with(one);
        }};
        auto const limiter = std::make_shared<throwing_limiter>(where);
        auto options = quick_options("https://localhost");
        options.rate_limiter(limiter);
        auto const blocked = w.blocked(options);
        auto const made = w.run(blocked.create(wanted));
        REQUIRE_ERROR(made, errc::quota_unavailable);
        BOOST_TEST(made.error().message().find("redis is down") != std::string::npos);
        // It was sent, and answered, when the limiter was to hear of it.
        BOOST_CHECK(made.error().outcome() ==
                    (where == at::observe ? outcome::unknown : outcome::not_sent));
        auto const counted = blocked.client().metrics();
        BOOST_TEST(counted.calls == 1u);
        BOOST_TEST(counted.failures == 1u);
        limiter->throws = false;
        REQUIRE_VALUE(w.run(blocked.create(wanted)));
    }
}

BOOST_AUTO_TEST_CASE(a_transport_that_does_not_return_is_left_behind) {
    mock_world w{[](request const&, attempt_facts&) { return answer_after(400ms); }};
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.create(wanted, call_options{}.timeout(50ms)));
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::timed_out);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(made.error().message().find("50 ms") != std::string::npos);
    BOOST_TEST(made.error().message().find("server") == std::string::npos);
    BOOST_TEST(blocked.client().metrics().calls == 1u);
    // It comes back to what is there still.
    w.context.run();
    BOOST_TEST(blocked.client().metrics().calls == 1u);
}

BOOST_AUTO_TEST_CASE(a_transport_that_does_not_listen_is_left_behind_when_cancelled) {
    mock_world w{[](request const&, attempt_facts&) { return answer_after(1h); }};
    auto const call = w.start(w.blocked().create(wanted));
    run_until(w.context, [&] { return w.sent->requests().size() == 1; });
    call->cancel();
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::cancelled);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
}

BOOST_AUTO_TEST_CASE(a_transport_that_does_not_listen_is_left_behind_when_closed) {
    mock_world w{[](request const&, attempt_facts&) { return answer_after(1h); }};
    auto const blocked = w.blocked();
    auto const call = w.start(blocked.create(wanted));
    run_until(w.context, [&] { return w.sent->requests().size() == 1; });
    finish(w.context, asio::co_spawn(w.context, blocked.client().close(0ms), asio::use_future));
    auto const made = w.finish(call);
    REQUIRE_ERROR(made, errc::closed);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
}

BOOST_AUTO_TEST_CASE(a_transport_that_cannot_be_closed_does_not_hold_up_the_client) {
    class stubborn final : public cloudflare::transport {
    public:
        explicit stubborn(bool throws) : throws_{throws} {}
        asio::awaitable<result<response>> send(request const&, attempt_facts&) override {
            co_return answered_with(one);
        }
        asio::awaitable<void> close(std::chrono::steady_clock::time_point) override {
            if (throws_) throw std::runtime_error("cannot be closed");
            asio::steady_timer never{co_await asio::this_coro::executor,
                                     asio::steady_timer::time_point::max()};
            co_await never.async_wait(asio::use_awaitable);
        }

    private:
        bool throws_;
    };
    for (bool const throws : {true, false}) {
        asio::io_context context{1};
        cloudflare::client const client{context.get_executor(), quick_options("https://a.test/v4"),
                                        std::make_shared<stubborn>(throws)};
        finish(context, asio::co_spawn(context, client.close(0ms), asio::use_future));
        auto const late = finish(
            context,
            asio::co_spawn(context, es::block_senders{client, account}.get(1), asio::use_future));
        REQUIRE_ERROR(late, errc::closed);
    }
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_late_is_no_success) {
    mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        std::this_thread::sleep_for(60ms);
        co_return answered_with(one);
    }};
    auto const made = w.run(w.blocked().create(wanted, call_options{}.timeout(50ms)));
    REQUIRE_ERROR(made, errc::timed_out);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
}

BOOST_AUTO_TEST_CASE(a_limiter_that_does_not_return_is_left_behind) {
    mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        co_return answered_with(one);
    }};
    auto const limiter = std::make_shared<slow_limiter>(300ms);
    auto options = quick_options("https://localhost");
    options.rate_limiter(limiter);
    auto const made = w.run(w.blocked(options).create(wanted, call_options{}.timeout(50ms)));
    BOOST_REQUIRE(!made.has_value());
    BOOST_CHECK(made.error().outcome() == outcome::not_sent);
    BOOST_TEST(limiter->granted == 0);
    // The grant that comes too late goes back.
    w.context.restart();
    w.context.run();
    BOOST_TEST(limiter->granted == 1);
    BOOST_TEST(limiter->given_back == 1);
    BOOST_TEST(w.sent->requests().empty());
}

BOOST_AUTO_TEST_CASE(a_slow_server_and_an_impatient_caller_are_told_apart) {
    world w;
    // On a busy machine the time is over before a request was sent.
    w.server.otherwise({receive(), hang()});
    auto options = w.options();
    options.pool(cloudflare::pool_options{}.exchange_timeout(50ms));
    auto const slow = w.run(w.blocked(options).get(1, call_options{}.max_retries(0)));
    REQUIRE_ERROR(slow, errc::timed_out);
    BOOST_TEST(slow.error().message().find("the server took too long") != std::string::npos);
    auto const impatient = w.run(w.blocked().get(1, call_options{}.timeout(50ms)));
    REQUIRE_ERROR(impatient, errc::timed_out);
    BOOST_TEST(impatient.error().message().find("own timeout of 50 ms") != std::string::npos);
    BOOST_TEST(impatient.error().message().find("server took") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(what_is_sent_again)

BOOST_AUTO_TEST_CASE(bytes_that_left_count_whatever_the_failure_is_called) {
    for (auto const how : {errc::tls_failed, errc::connect_failed}) {
        mock_world w{
            [=](request const& message, attempt_facts& facts) -> asio::awaitable<result<response>> {
                facts.bytes_sent = true;
                if (message.operation.method != http_method::post) co_return answered_with("[]");
                co_return error{how, "while reading the answer"};
            }};
        auto const made = w.run(w.blocked().create(wanted, call_options{}.settle_unknown(false)));
        REQUIRE_ERROR(made, how);
        BOOST_CHECK(made.error().outcome() == outcome::unknown);
        BOOST_TEST(w.sent->methods() == "POST ");
        w.run(w.blocked().create(wanted, call_options{}.max_retries(1)));
        BOOST_TEST(w.sent->methods() == "POST POST GET POST GET ");
    }
}

BOOST_AUTO_TEST_CASE(no_retries_means_one_request) {
    mock_world w{
        [](request const& message, attempt_facts& facts) -> asio::awaitable<result<response>> {
            if (message.operation.method == http_method::get && message.target.ends_with('s')) {
                co_return answered_with("[]");
            }
            facts.reused = true;
            co_return error{errc::connection_lost, "reset"};
        }};
    auto const none = call_options{}.max_retries(0).settle_unknown(false);
    REQUIRE_ERROR(w.run(w.blocked().create(wanted, none)), errc::connection_lost);
    BOOST_TEST(w.sent->methods() == "POST ");
    REQUIRE_ERROR(w.run(w.blocked().get(1, none)), errc::connection_lost);
    BOOST_TEST(w.sent->methods() == "POST GET ");
}

BOOST_AUTO_TEST_CASE(every_attempt_begins_with_an_empty_result) {
    auto const calls = std::make_shared<int>(0);
    mock_world w{[=](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        if (++*calls % 2 == 1) {
            co_return answered(
                R"({"success":false,"errors":[{"code":1000,"message":"Request timeout"}],)"
                R"("messages":[],"result":[{"id":"ghost","pattern":"ghost.example"}],)"
                R"("result_info":{"total_count":77}})");
        }
        co_return answered_with(*calls == 2 ? "[]" : "null");
    }};
    auto const page = w.run(w.blocked().list_page({}));
    REQUIRE_VALUE(page);
    BOOST_TEST(page->items.empty());
    BOOST_TEST(!page->info.total_count.has_value());
    // The same into a place of the caller's own.
    std::vector<es::block_sender> items;
    request message;
    message.operation = {http_method::get, "/x"};
    message.target = "/x";
    cloudflare::reply into;
    into.result = {&cloudflare::wire::codec_for<std::vector<es::block_sender>>(), &items};
    into.may_lack_result = true;
    REQUIRE_VALUE(w.run(w.connect().send(message, {}, into)));
    BOOST_TEST(*calls == 4);
    BOOST_TEST(items.empty());
}

BOOST_AUTO_TEST_CASE(what_a_delete_tells_is_not_asked_for_twice) {
    mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        co_return error{errc::connection_lost, "lost"};
    }};
    es::domains const domains{w.connect(), account};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    auto const gone = w.run(domains.bulk_remove());
#pragma GCC diagnostic pop
    REQUIRE_ERROR(gone, errc::connection_lost);
    BOOST_CHECK(gone.error().outcome() == outcome::unknown);
    BOOST_TEST(w.sent->methods() == "DELETE ");
}

BOOST_AUTO_TEST_CASE(a_burst_of_429s_costs_nothing_of_the_budget) {
    auto const calls = std::make_shared<int>(0);
    mock_world w{[=](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        if (++*calls <= 250) co_return refused_with(429, "0");
        co_return answered_with(one);
    }};
    auto const blocked = w.blocked();
    int succeeded = 0;
    for (int i = 0; i < 250; ++i) {
        asio::co_spawn(w.context, blocked.get(1),
                       [&](std::exception_ptr, auto const& got) { succeeded += got.has_value(); });
    }
    w.context.run();
    BOOST_TEST(succeeded == 250);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(one_way_to_be_cancelled)

BOOST_AUTO_TEST_CASE(a_result_also_at_the_next_call) {
    mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        co_await sleep_for(1h);
        co_return answered_with(one);
    }};
    auto const blocked = w.blocked();
    auto const both = [&]() -> asio::awaitable<int> {
        int cancelled = 0;
        for (int i = 0; i < 3; ++i) {
            auto const got = co_await blocked.get(1);
            if (!got && got.error().code() == errc::cancelled) ++cancelled;
        }
        co_return cancelled;
    };
    auto const call = w.start(both());
    run_until(w.context, [&] { return w.sent->requests().size() == 1; });
    call->cancel();
    BOOST_TEST(w.finish(call) == 3);
    BOOST_TEST(w.sent->requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_result_also_at_the_call_after_an_operation_of_several) {
    auto const page = R"({"success":true,"errors":[],"messages":[],"result":[{"id":"1"}],)"
                      R"("result_info":{"page":1,"per_page":1,"count":1,"total_count":3}})";
    bool waits = false;
    mock_world w{[&](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (message.target.find("?page=1&") != std::string::npos) co_return answered(page);
        waits = true;
        co_await sleep_for(1h);
        co_return answered_with(one);
    }};
    auto const blocked = w.blocked();
    es::bulk_jobs const jobs{blocked.client(), account};
    auto const options = es::sync_options{}.allow_empty(true);

    std::vector<std::function<asio::awaitable<bool>()>> const operations{
        [&]() -> asio::awaitable<bool> {
            auto all = co_await blocked.list_all({}, {}, 2);
            co_return all.error().code() == errc::cancelled;
        },
        [&]() -> asio::awaitable<bool> {
            auto const job = co_await jobs.wait(1, {});
            co_return job.error().code() == errc::cancelled;
        },
        [&]() -> asio::awaitable<bool> {
            es::feed<es::block_senders_traits> nothing;
            auto planning = es::plan(blocked, std::move(nothing), options);
            auto const planned = co_await std::move(planning);
            co_return planned.error().code() == errc::cancelled;
        },
        [&]() -> asio::awaitable<bool> {
            es::feed<es::block_senders_traits> nothing;
            auto syncing = es::sync(blocked, std::move(nothing), options);
            auto const report = co_await std::move(syncing);
            co_return report.failure->code() == errc::cancelled;
        },
    };
    for (auto const& operation : operations) {
        auto const then = [&]() -> asio::awaitable<std::pair<bool, bool>> {
            auto const first = co_await operation();
            auto const sent = w.sent->requests().size();
            auto const next = co_await blocked.get(1);
            BOOST_TEST(w.sent->requests().size() == sent);
            co_return std::pair{first, next.error().code() == errc::cancelled};
        };
        waits = false;
        auto const call = w.start(then());
        run_until(w.context, [&] { return waits; });
        call->cancel();
        auto const [first, next] = w.finish(call);
        BOOST_TEST(first);
        BOOST_TEST(next);
    }
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_was_not_cancelled_throws_as_it_did) {
    mock_world w{[](request const&, attempt_facts&) -> asio::awaitable<result<response>> {
        co_return answered_with(one);
    }};
    auto const blocked = w.blocked();
    auto const ask = [&]() -> asio::awaitable<bool> {
        REQUIRE_VALUE(co_await blocked.get(1));
        co_return co_await asio::this_coro::throw_if_cancelled();
    };
    BOOST_TEST(w.run(ask()));
}

BOOST_AUTO_TEST_SUITE_END()
