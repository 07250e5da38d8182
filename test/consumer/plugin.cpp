// A user's plugin: a shared module that has the library inside.
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

namespace {

asio::awaitable<void> be_refused(es::block_senders blocked) {
    auto got = co_await blocked.get("..");
    std::cout << got.error() << std::endl;
}

}  // namespace

extern "C" void run_plugin() {
    asio::io_context context;
    cloudflare::client client{
        context.get_executor(),
        cloudflare::client_options{cloudflare::credentials::api_token("not-a-real-token")}};
    asio::co_spawn(context, be_refused(es::block_senders{client, "an-account"}),
                   [](std::exception_ptr) {});
    context.run();
}
