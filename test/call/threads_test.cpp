#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
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

cloudflare::client_options impatient(cloudflare::simulator::server const& server) {
    auto options = options_for(server);
    // No limit of time that a slow machine could meet.
    options.pool(pool_options{}.max_connections(3).connect_timeout(1h).exchange_timeout(1h))
        .retry(cloudflare::retry_options{}.max_retries(3).backoff(1ms, 1ms));
    return options;
}

/// Users, each on a strand of its own, whose calls are cancelled from other threads.
class cancelled_users {
public:
    cancelled_users(asio::io_context& context, es::block_senders blocked, int users, int rounds)
        : left_{users} {
        for (int n = 0; n < users; ++n) {
            auto const each = users_.emplace_back(std::make_shared<user>(context));
            asio::co_spawn(each->strand, work(each, blocked, n, rounds),
                           [this](std::exception_ptr thrown) {
                               if (thrown) ++thrown_;
                               --left_;
                           });
        }
    }

    bool are_done() const { return left_ == 0; }
    void cancel_one() {
        auto const& one = users_[random_() % users_.size()];
        asio::post(one->strand, [one] { one->signal.emit(asio::cancellation_type::terminal); });
        std::this_thread::yield();
    }
    void cancel_until_done() {
        while (!are_done()) cancel_one();
    }
    /// Besides what the faults leave of the calls there may be this.
    void check(errc expected) const {
        BOOST_TEST(thrown_ == 0);
        for (auto const& each : users_) {
            for (auto const& why : each->failures) {
                BOOST_CHECK_MESSAGE(why.code() != errc::timed_out, why.message());
                if (expected != errc::closed) BOOST_CHECK(why.code() != errc::closed);
            }
        }
    }

private:
    struct user {
        explicit user(asio::io_context& context) : strand{asio::make_strand(context)} {}

        asio::strand<asio::io_context::executor_type> strand;
        asio::cancellation_signal signal;
        std::vector<cloudflare::error> failures;
    };

    /// One call, which the user's signal cancels.
    template <class T>
    static asio::awaitable<void> call(std::shared_ptr<user> who,
                                      asio::awaitable<cloudflare::result<T>> what) {
        auto token = asio::bind_cancellation_slot(who->signal.slot(), asio::use_awaitable);
        auto const got = co_await asio::co_spawn(who->strand, std::move(what), std::move(token));
        if (!got) who->failures.push_back(got.error());
    }

    static asio::awaitable<void> work(std::shared_ptr<user> who, es::block_senders blocked, int n,
                                      int rounds) {
        for (int round = 0; round < rounds; ++round) {
            auto const name = "c" + std::to_string(n) + "-" + std::to_string(round) + ".test";
            auto item = es::new_block_sender{name, es::pattern_type::domain};
            co_await call(who, blocked.create(std::move(item)));
            co_await call(who, blocked.list_all({}, {}, 3));
            co_await call(who, blocked.remove("1"));
        }
    }

    std::vector<std::shared_ptr<user>> users_;
    std::atomic<int> left_;
    std::atomic<int> thrown_{0};
    std::minstd_rand random_{42};
};

/// Runs the context on three threads, and something beside it.
template <class Work>
void run_on_threads(asio::io_context& context, Work beside) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&context] { context.run(); });
    beside();
    for (auto& each : threads) each.join();
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

BOOST_AUTO_TEST_CASE(with_faults_and_cancellations) {
    cloudflare::simulator::server server{
        cloudflare::simulator::options{}.request_quota({}).seed(8).fault(
            "reset-before@0.02,reset-after@0.02,503@0.02,503-after@0.02,truncate@0.02")};
    asio::io_context context;
    cloudflare::client const client{context.get_executor(), impatient(server)};
    cancelled_users all{context, es::block_senders{client, account}, 8, 40};
    run_on_threads(context, [&all] { all.cancel_until_done(); });
    all.check(errc::cancelled);
    BOOST_TEST(client.quota().waiting == 0U);
    BOOST_TEST(server.stats().requests > 0U);
}

BOOST_AUTO_TEST_CASE(with_faults_cancellations_and_an_end) {
    cloudflare::simulator::server server{
        cloudflare::simulator::options{}.request_quota({}).seed(9).fault(
            "reset-before@0.02,reset-after@0.02,503@0.02,503-after@0.02,truncate@0.02")};
    for (std::uint64_t round = 0; round < 8; ++round) {
        asio::io_context context;
        std::atomic<std::uint64_t> opened{0};
        std::atomic<std::uint64_t> closed{0};
        auto options = impatient(server);
        options.on_event([&](cloudflare::event const& happened) {
            opened += happened.what == cloudflare::event::kind::connection_opened;
            closed += happened.what == cloudflare::event::kind::connection_closed;
        });
        cloudflare::client const client{context.get_executor(), options};
        cancelled_users all{context, es::block_senders{client, account}, 8, 10};
        // By two at once, in the middle of it, whichever thread has come there.
        auto const close = [&] {
            for (int i = 0; i < 2; ++i) {
                asio::co_spawn(context, client.close(0ms), [](std::exception_ptr) {});
            }
        };
        run_on_threads(context, [&] {
            while (client.metrics().calls < 10 * round && !all.are_done()) all.cancel_one();
            close();
            all.cancel_until_done();
        });
        all.check(errc::closed);
        BOOST_TEST(opened == closed);
    }
}

BOOST_AUTO_TEST_CASE(the_context_stops_in_the_middle) {
    cloudflare::simulator::server server{cloudflare::simulator::options{}.request_quota({})};
    for (std::uint64_t round = 0; round < 10; ++round) {
        asio::io_context context;
        cloudflare::client const client{context.get_executor(), impatient(server)};
        cancelled_users all{context, es::block_senders{client, account}, 8, 1000};
        run_on_threads(context, [&] {
            while (client.metrics().calls < 20 * round) all.cancel_one();
            context.stop();
        });
        // Here the client goes, and then the context, with all that was in flight.
    }
}

BOOST_AUTO_TEST_SUITE_END()
