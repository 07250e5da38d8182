// A user's test: his code against the simulator.
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

int main() {
    cloudflare::simulator::server const api;
    asio::io_context context;
    cloudflare::client client{context.get_executor(),
                              cloudflare::client_options{cloudflare::credentials::api_token("any")}
                                  .base_url(api.base_url())
                                  .tls(cloudflare::tls_options{}.extra_ca(api.ca_certificate()))};
    es::block_senders blocked{client, "an-account"};
    auto create = [&blocked]() -> asio::awaitable<void> {
        auto made = co_await blocked.create({"evil.example", es::pattern_type::domain});
        if (made) std::cout << "created " << made->pattern.value_or("?") << '\n';
    };
    asio::co_spawn(context, create(), [&context](std::exception_ptr) { context.stop(); });
    context.run();
}
