// A client and its limiter, seen from the outside.

#include "harness.hpp"

#include <cloudflare/rate_limiter.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::event;
using cloudflare::outcome;
using cloudflare::rate_limit_options;
using namespace std::chrono_literals;

namespace {

/// Answers each request at once.
class answering final : public cloudflare::transport {
public:
    explicit answering(std::function<cloudflare::response()> answer) : answer_{std::move(answer)} {}

    asio::awaitable<cloudflare::result<cloudflare::response>> send(
        cloudflare::request const&, cloudflare::attempt_facts& facts) override {
        co_await asio::post(asio::use_awaitable);
        facts.bytes_sent = true;
        co_return answer_();
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    std::function<cloudflare::response()> answer_;
};

cloudflare::response ok() {
    cloudflare::response answer;
    answer.status = 200;
    answer.body = R"({"success":true,"errors":[],"messages":[],"result":{"id":1},)"
                  R"("result_info":{"count":0,"page":1,"per_page":20,"total_count":0}})";
    return answer;
}

cloudflare::response down() {
    cloudflare::response answer;
    answer.status = 503;
    return answer;
}

struct mocked {
    explicit mocked(std::function<cloudflare::response()> answer, cloudflare::client_options with)
        : senders{cloudflare::client{context.get_executor(), std::move(with),
                                     std::make_shared<answering>(std::move(answer))},
                  account} {}

    asio::io_context context{1};
    es::block_senders senders;
};

cloudflare::client_options limited(rate_limit_options with = {}) {
    auto options = quick_options("https://127.0.0.1/client/v4");
    options.rate_limit(with).timeout(60s);
    return options;
}

/// Throws where it is told to.
class throwing final : public cloudflare::rate_limiter {
public:
    enum class where { try_acquire, acquire, observe, nowhere };
    explicit throwing(where at) : at_{at} {}

    bool try_acquire(cloudflare::grant_request const&) override {
        fail_at(where::try_acquire);
        return at_ != where::acquire;
    }
    asio::awaitable<cloudflare::result<void>> acquire(cloudflare::grant_request,
                                                      std::chrono::steady_clock::time_point,
                                                      std::stop_token) override {
        fail_at(where::acquire);
        co_return cloudflare::result<void>{};
    }
    void observe(cloudflare::rate_limit_report const&) override { fail_at(where::observe); }
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    void mend() { at_ = where::nowhere; }

private:
    void fail_at(where here) const {
        if (at_ == here) throw std::runtime_error("the store is down");
    }
    where at_;
};

/// Notes what each grant is asked for.
class noting final : public cloudflare::rate_limiter {
public:
    bool try_acquire(cloudflare::grant_request const& request) override {
        note(request);
        return false;
    }
    asio::awaitable<cloudflare::result<void>> acquire(cloudflare::grant_request request,
                                                      std::chrono::steady_clock::time_point,
                                                      std::stop_token) override {
        note(request);
        co_return cloudflare::result<void>{};
    }
    void observe(cloudflare::rate_limit_report const&) override {}
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    std::vector<std::string> noted;

private:
    void note(cloudflare::grant_request const& request) {
        noted.push_back(std::string{to_string(request.operation.method)} + " " +
                        std::string{request.operation.path} + " " + std::string{request.account} +
                        " " + std::to_string(static_cast<int>(request.priority)));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(limiter_of_a_client)

BOOST_DATA_TEST_CASE(that_throws_fails_its_call_and_nothing_else,
                     boost::unit_test::data::make({0, 1, 2}), where) {
    auto const limiter = std::make_shared<throwing>(static_cast<throwing::where>(where));
    auto options = limited();
    options.rate_limiter(limiter);
    mocked m{ok, options};
    auto const got = run(m.context, m.senders.get(1));
    REQUIRE_ERROR(got, errc::quota_unavailable);
    BOOST_TEST(got.error().message().find("the store is down") != std::string::npos);
    auto const made = run(
        m.context, m.senders.create(es::new_block_sender{"a.example", es::pattern_type::domain}));
    REQUIRE_ERROR(made, errc::quota_unavailable);
    BOOST_TEST(made.error().outcome() ==
               (limiter && where == 2 ? outcome::unknown : outcome::not_sent));
    limiter->mend();
    REQUIRE_VALUE(run(m.context, m.senders.get(1)));
    auto const counted = m.senders.client().metrics();
    BOOST_TEST(counted.calls == 3u);
    BOOST_TEST(counted.failures == 2u);
}

BOOST_AUTO_TEST_CASE(knows_what_it_grants) {
    auto const limiter = std::make_shared<noting>();
    auto options = limited();
    options.rate_limiter(limiter);
    mocked m{ok, options};
    using cloudflare::call_options;
    using cloudflare::call_priority;
    REQUIRE_VALUE(run(m.context, m.senders.get(1)));
    auto const urgent = call_options{}.priority(call_priority::high);
    REQUIRE_VALUE(
        run(m.context,
            m.senders.create(es::new_block_sender{"a.example", es::pattern_type::domain}, urgent)));
    auto const path = std::string{" /accounts/{account_id}/email-security/settings/block_senders"};
    auto const read = "GET" + path + "/{pattern_id} " + account + " 1";
    auto const write = "POST" + path + " " + account + " 2";
    BOOST_TEST(limiter->noted == (std::vector<std::string>{read, read, write, write}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(that_never_saw_a_header_does_not_slow_an_outage) {
    auto options = limited();
    options.retry(cloudflare::retry_options{}.backoff(1ms, 1ms));
    mocked m{down, options};
    int of_the_server = 0;
    int ended = 0;
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(m.context, m.senders.list_page({}), [&](std::exception_ptr, auto got) {
            ++ended;
            // At one request a second the last would be out of time.
            if (!got && got.error().code() == errc::server_error && got.error().attempts() == 5) {
                ++of_the_server;
            }
        });
    }
    run_until(m.context, [&] { return ended == 20; });
    BOOST_TEST(of_the_server == 20);
}

BOOST_AUTO_TEST_CASE(is_not_slowed_where_no_header_ever_comes) {
    auto options = limited(rate_limit_options{}.per_second(0));
    mocked m{ok, options};
    int ended = 0;
    for (int i = 0; i < 1000; ++i) {
        asio::co_spawn(m.context, m.senders.get(1), [&](std::exception_ptr, auto got) {
            if (got) ++ended;
        });
    }
    run_until(m.context, [&] { return ended == 1000; });
    BOOST_TEST(m.senders.client().metrics().throttled == 0u);
}

BOOST_AUTO_TEST_CASE(reports_only_those_that_wait_for_the_quota) {
    std::vector<event> waits;
    auto options = limited(rate_limit_options{}.quota(25, 5min).reserve(0));
    options.timeout(24h).on_event([&](event const& happened) {
        if (happened.what == event::kind::throttled) waits.push_back(happened);
    });
    mocked m{ok, options};
    int ended = 0;
    auto const ask = [&](int times) {
        for (int i = 0; i < times; ++i) {
            asio::co_spawn(m.context, m.senders.get(1), [&](std::exception_ptr, auto) { ++ended; });
        }
    };
    ask(20);
    run_until(m.context, [&] { return ended == 20; });
    BOOST_TEST(waits.empty());
    BOOST_TEST(m.senders.client().metrics().throttled == 0u);

    ask(35);  // of which five find a grant
    run_until(m.context, [&] { return ended == 25; });
    run_ready(m.context);
    BOOST_TEST(waits.size() == 30u);
    BOOST_TEST(m.senders.client().metrics().throttled == 30u);
    for (auto const& each : waits) {
        BOOST_TEST(each.reason == "used_up");
        BOOST_CHECK(each.delay > 4min);
    }
    // The last ones wait for a window more.
    BOOST_CHECK(waits.front().delay < 6min);
    BOOST_CHECK(waits.back().delay > 9min);
}

BOOST_AUTO_TEST_CASE(two_of_one_user_end_all_calls_though_they_refuse_each_other) {
    cloudflare::simulator::quota small;
    small.requests = 400;
    small.window = 4s;
    cloudflare::simulator::server server{cloudflare::simulator::options{}.request_quota(small)};
    auto options = quick_options(server.base_url());
    options.tls(cloudflare::tls_options{}.system_trust(false).extra_ca(server.ca_certificate()))
        .pool(cloudflare::pool_options{}.max_connections(64))
        .rate_limit(rate_limit_options{})
        .retry(cloudflare::retry_options{})
        .timeout(10min);
    asio::io_context context{1};
    es::block_senders const one{cloudflare::client{context.get_executor(), options}, account};
    es::block_senders const other{cloudflare::client{context.get_executor(), options}, account};
    int ended = 0;
    std::vector<std::string> failures;
    for (int i = 0; i < 700; ++i) {
        auto const& senders = i % 2 == 0 ? one : other;
        asio::co_spawn(context, senders.list_page({}), [&](std::exception_ptr, auto got) {
            ++ended;
            if (!got) failures.push_back(got.error().message());
        });
    }
    while (ended < 700) {
        if (context.run_one_for(watchdog) == 0)
            throw std::runtime_error("nothing happens any more");
    }
    BOOST_TEST(failures.size() == 0u);
    if (!failures.empty()) BOOST_TEST_MESSAGE(failures.front());
}

BOOST_AUTO_TEST_SUITE_END()
