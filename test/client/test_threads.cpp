#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/simulator.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

struct tally {
    std::atomic<int> ended{0};
    std::atomic<int> failed{0};
    std::atomic<int> thrown{0};
};

/// One user: creates, reads, edits and removes an entry, again and again.
asio::awaitable<void> use(es::block_senders blocked, int user, int rounds, tally& sum) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = "u" + std::to_string(user) + "-" + std::to_string(round) + ".example.com";
        auto const made =
            co_await blocked.create(es::new_block_sender{name, es::pattern_type::domain});
        sum.ended += 4;
        if (!made) {
            sum.failed += 4;
            continue;
        }
        auto const got = co_await blocked.get(made->id);
        auto const edited =
            co_await blocked.edit(made->id, es::block_sender_patch{}.comments("seen"));
        auto const gone = co_await blocked.remove(made->id);
        sum.failed += !got + !edited + !gone;
    }
}

void run_users(cloudflare::client_options options, int users, int rounds, tally& sum) {
    asio::io_context context;
    es::block_senders const blocked{cloudflare::client{context.get_executor(), options}, account};
    for (int user = 0; user < users; ++user) {
        asio::co_spawn(context, use(blocked, user, rounds, sum), [&sum](std::exception_ptr thrown) {
            if (thrown) ++sum.thrown;
        });
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&context] { context.run(); });
    for (auto& each : threads) each.join();
}

cloudflare::client_options options_for(cloudflare::simulator::server const& server) {
    auto options = quick_options(server.base_url());
    options.tls(cloudflare::tls_options{}.system_trust(false).extra_ca(server.ca_certificate()));
    return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(many_users_of_one_client) {
    cloudflare::simulator::server server{cloudflare::simulator::options{}.request_quota({})};
    auto options = options_for(server);
    options.pool(pool_options{}.max_connections(3));
    tally sum;
    run_users(options, 16, 40, sum);
    BOOST_TEST(sum.ended == 16 * 40 * 4);
    BOOST_TEST(sum.failed == 0);
    BOOST_TEST(sum.thrown == 0);
    BOOST_TEST(server.patterns(account).empty());
    BOOST_TEST(server.stats().connections <= 3u);
}

BOOST_AUTO_TEST_CASE(one_connection_for_all) {
    cloudflare::simulator::server server{cloudflare::simulator::options{}.request_quota({})};
    auto options = options_for(server);
    options.pool(pool_options{}.max_connections(1));
    tally sum;
    run_users(options, 4, 100, sum);
    BOOST_TEST(sum.ended == 4 * 100 * 4);
    BOOST_TEST(sum.failed == 0);
    BOOST_TEST(server.stats().connections == 1u);
}

BOOST_AUTO_TEST_CASE(with_faults) {
    cloudflare::simulator::server server{
        cloudflare::simulator::options{}.request_quota({}).seed(7).fault(
            "reset-before@0.02,reset-after@0.02,503@0.02,503-after@0.02,truncate@0.02")};
    auto options = options_for(server);
    options.pool(pool_options{}.max_connections(4))
        .retry(cloudflare::retry_options{}.max_retries(20).backoff(1ms, 1ms));
    tally sum;
    run_users(options, 8, 20, sum);
    BOOST_TEST(sum.ended == 8 * 20 * 4);
    BOOST_TEST(sum.thrown == 0);
    server.set_fault("");
    BOOST_TEST(sum.failed == 0);
    BOOST_TEST(server.patterns(account).empty());
}

BOOST_AUTO_TEST_CASE(with_a_quota_and_an_end) {
    cloudflare::simulator::server server;
    auto options = options_for(server);
    options.rate_limit(cloudflare::rate_limit_options{}.quota(1200, 300s));
    asio::io_context context;
    es::block_senders const blocked{cloudflare::client{context.get_executor(), options}, account};
    tally sum;
    for (int user = 0; user < 8; ++user) {
        asio::co_spawn(context, use(blocked, user, 10, sum), [&sum](std::exception_ptr thrown) {
            if (thrown) ++sum.thrown;
        });
    }
    // Closed from the middle of it, on any of the threads.
    asio::co_spawn(context, blocked.client().close(30ms), [](std::exception_ptr) {});
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i) all.emplace_back([&context] { context.run(); });
    for (auto& each : all) each.join();
    BOOST_TEST(sum.thrown == 0);
    BOOST_TEST(server.stats().refused_by_quota == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
