#include "world.hpp"

#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
namespace simulator = cloudflare::simulator;
using namespace snippets;

namespace {

//! [future]
std::string block_and_wait(asio::io_context& context, es::block_senders blocked,
                           std::string domain) {
    es::new_block_sender entry{std::move(domain), es::pattern_type::domain};
    auto creating = asio::co_spawn(context, blocked.create(std::move(entry)), asio::use_future);
    // Another thread runs the context; this one must not be it.
    cloudflare::result<es::block_sender> const made = creating.get();
    return made ? made->id.text() : made.error().message();
}
//! [future]

//! [callback]
template <class Done>
void block_then(asio::io_context& context, es::block_senders blocked, std::string domain,
                Done done) {
    es::new_block_sender entry{std::move(domain), es::pattern_type::domain};
    asio::co_spawn(context, blocked.create(std::move(entry)),
                   [done = std::move(done)](std::exception_ptr thrown,
                                            cloudflare::result<es::block_sender> made) {
                       if (thrown) std::rethrow_exception(thrown);  // out of context.run()
                       done(std::move(made));
                   });
}
//! [callback]

//! [thread_pool]
/// Creates all of them on four threads; how many it could.
std::size_t block_on_threads(cloudflare::client_options options, std::string account_id,
                             std::vector<std::string> domains) {
    asio::thread_pool threads{4};
    cloudflare::client client{threads.get_executor(), std::move(options)};
    es::block_senders const blocked{client, std::move(account_id)};
    std::atomic<std::size_t> created{0};
    for (auto& domain : domains) {
        es::new_block_sender entry{std::move(domain), es::pattern_type::domain};
        // A coroutine runs on a strand of its own, so that its parts do not meet.
        asio::co_spawn(
            asio::make_strand(threads), blocked.create(std::move(entry)),
            [&created](std::exception_ptr thrown, cloudflare::result<es::block_sender> made) {
                if (!thrown && made) ++created;
            });
    }
    threads.join();
    return created;
}
//! [thread_pool]

//! [accounts]
/// How many senders each account blocks: at most `limit` accounts at a time, one client for all.
asio::awaitable<std::vector<cloudflare::result<std::size_t>>> count_everywhere(
    cloudflare::client client, std::vector<std::string> accounts, std::size_t limit) {
    std::vector<cloudflare::result<std::size_t>> counts(accounts.size(), std::size_t{0});
    auto const count = [&](std::size_t index) -> asio::awaitable<void> {
        es::block_senders const blocked{client, accounts[index]};
        auto const all = co_await blocked.list_all();
        if (all) {
            counts[index] = all->size();
        } else {
            counts[index] = all.error();
        }
    };
    co_await cloudflare::for_each_concurrently(accounts.size(), limit, count);
    co_return counts;
}
//! [accounts]

}  // namespace

BOOST_AUTO_TEST_SUITE(recipes)

BOOST_AUTO_TEST_CASE(future) {
    world here;
    es::block_senders const blocked{here.client(), account};
    auto work = asio::make_work_guard(here.context);
    std::thread running{[&here] { here.context.run(); }};
    auto const id = block_and_wait(here.context, blocked, "evil.example");
    work.reset();
    running.join();
    BOOST_TEST(id.size() == 36u);
}

BOOST_AUTO_TEST_CASE(callback) {
    world here;
    es::block_senders const blocked{here.client(), account};
    bool is_created = false;
    auto const done = [&is_created](cloudflare::result<es::block_sender> made) {
        is_created = made.has_value();
    };
    block_then(here.context, blocked, "evil.example", done);
    here.context.run();
    BOOST_TEST(is_created);
}

BOOST_AUTO_TEST_CASE(thread_pool) {
    world here;
    std::vector<std::string> domains;
    for (int i = 0; i != 40; ++i) domains.push_back("host-" + std::to_string(i) + ".evil.example");
    BOOST_TEST(block_on_threads(here.options(), account, domains) == 40u);
}

BOOST_AUTO_TEST_CASE(fifty_accounts) {
    world here;
    std::vector<std::string> accounts;
    for (int i = 0; i != 50; ++i) accounts.push_back("account-" + std::to_string(i));
    here.api.seed_block_senders(accounts[7], {"evil.example", "phish@evil.example"});
    auto const counts = here.run(count_everywhere(here.client(), accounts, 8));
    BOOST_TEST(counts[7].value() == 2u);
    BOOST_TEST(counts[8].value() == 0u);
    BOOST_TEST(here.api.stats().requests == 50u);
}

BOOST_AUTO_TEST_SUITE_END()
