#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

asio::awaitable<void> block(cloudflare::client client, std::string account_id) {
    //! [block]
    es::block_senders blocked{client, account_id};

    auto created = co_await blocked.create(
        es::new_block_sender{"phish@evil.example", es::pattern_type::email}.comments("INC-1234"));
    if (!created) {
        std::cerr << created.error() << '\n';
        co_return;
    }
    std::cout << "blocked as " << created->id << '\n';

    auto pages = blocked.list(es::block_sender_filter{}.pattern_type(es::pattern_type::email));
    while (auto page = (co_await pages.next()).value()) {
        for (auto const& each : page->items) std::cout << each.pattern.value_or("?") << '\n';
    }
    //! [block]

    auto removed = co_await blocked.remove(created->id);
    std::cout << (removed ? "removed" : removed.error().message()) << '\n';
}

int main() {
    try {
        asio::io_context context;
        cloudflare::client client{context.get_executor(),
                                  cloudflare::client_options::from_environment()};
        auto const* const account = std::getenv("CLOUDFLARE_ACCOUNT_ID");
        asio::co_spawn(context, block(client, account ? account : ""),
                       [](std::exception_ptr thrown) {
                           if (thrown) std::rethrow_exception(thrown);
                       });
        context.run();
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
