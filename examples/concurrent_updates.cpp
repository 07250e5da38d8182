// Many updates at once, a bounded number of them in flight, each with a result of its own.
//
//     concurrent_updates NUMBER
//
// blocks that many made-up senders with one batch, changes the comments of each with a call of its
// own, shows which calls failed and why, and removes everything again. Credentials and the account
// come from the environment, as in quickstart.cpp.

#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

//! [set_comments]
/// Changes the comments of all of them, at most `limit` at a time. The results are in the order of
/// the identifiers, whichever came first.
asio::awaitable<std::vector<cloudflare::result<es::block_sender>>> set_comments(
    es::block_senders blocked, std::vector<cloudflare::identifier> ids, std::string comments,
    std::size_t limit) {
    std::vector<cloudflare::result<es::block_sender>> results(ids.size(), es::block_sender{});
    auto update = [&](std::size_t index) -> asio::awaitable<void> {
        auto changes = es::block_sender_patch{}.comments(comments);
        results[index] = co_await blocked.edit(ids[index], std::move(changes));
    };
    co_await cloudflare::for_each_concurrently(ids.size(), limit, update);
    co_return results;
}
//! [set_comments]

asio::awaitable<void> run(es::block_senders blocked, std::size_t number) {
    es::block_senders::batch_request import;
    for (std::size_t i = 0; i < number; ++i) {
        auto const domain = "campaign-" + std::to_string(i) + ".example";
        import.create(es::new_block_sender{domain, es::pattern_type::domain});
    }
    auto const imported = (co_await blocked.batch(std::move(import))).value();

    std::vector<cloudflare::identifier> ids;
    for (auto const& each : imported.posts) ids.push_back(each.id);
    // Somebody else has removed one meanwhile: its update fails, and no other.
    (co_await blocked.remove(ids.front())).value();

    auto const results = co_await set_comments(blocked, ids, "phishing campaign, INC-1234", 16);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!results[i]) std::cout << ids[i] << ": " << results[i].error() << '\n';
    }
    auto const succeeded =
        std::count_if(results.begin(), results.end(), [](auto const& each) { return !!each; });
    std::cout << succeeded << " of " << results.size() << " updated\n";

    es::block_senders::batch_request cleanup;
    for (std::size_t i = 1; i < ids.size(); ++i) cleanup.remove(ids[i]);
    (co_await blocked.batch(std::move(cleanup))).value();
}

int main(int argc, char** argv) {
    try {
        auto const number = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100;
        if (number < 2 || number > 1000) {
            std::cerr << "usage: concurrent_updates NUMBER (2 to 1000)\n";
            return 64;
        }
        asio::io_context context;
        cloudflare::client client{context.get_executor(),
                                  cloudflare::client_options::from_environment()};
        auto const* const account = std::getenv("CLOUDFLARE_ACCOUNT_ID");
        es::block_senders blocked{client, account ? account : ""};
        asio::co_spawn(context, run(blocked, number), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        context.run();
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
