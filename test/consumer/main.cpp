// A user's program: it sees the installed headers and the linked library, nothing else of ours.
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

int main() {
    asio::io_context context;
    cloudflare::client client{
        context.get_executor(),
        cloudflare::client_options{cloudflare::credentials::api_token("not-a-real-token")}};
    es::block_senders blocked{client, "an-account"};
    auto refused = [&blocked]() -> asio::awaitable<void> {
        auto got = co_await blocked.get("..");
        std::cout << got.error() << '\n';
    };
    asio::co_spawn(context, refused(), [](std::exception_ptr) {});
    context.run();
}
