// A user's program: it sees the installed headers and the linked library, nothing else of ours.
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/version.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>

#include <iostream>
#include <string_view>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;

static_assert(CLOUDFLARE_VERSION >= 100 && CLOUDFLARE_VERSION_MAJOR == 0);
static_assert(std::string_view{CLOUDFLARE_VERSION_STRING}.starts_with("0."));

// A user may forward-declare nothing of ours, but name a version where two are in one program.
static_assert(std::is_same_v<cloudflare::client, cloudflare::v0::client>);

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
#if BOOST_VERSION < 108700
    // What Asio deprecates is a user's own business, unless our headers forbade it.
    context.post([] { std::cout << "posted\n"; });
#else
    std::cout << "posted\n";
#endif
    context.run();
}
