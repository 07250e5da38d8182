#include "email_security/requests.hpp"

namespace cloudflare::email_security {

boost::asio::awaitable<result<void>> invoke_nothing(client through, result<request> message,
                                                    call_options options) {
    if (!message) co_return message.error();
    co_return co_await through.send(std::move(*message), std::move(options), reply{});
}

}  // namespace cloudflare::email_security
