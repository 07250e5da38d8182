#include <cloudflare/detail/invoke.hpp>

namespace cloudflare {

boost::asio::awaitable<result<void>> invoke_nothing(client with, result<request> message,
                                                    call_options options) {
    if (!message) co_return message.error();
    co_return co_await with.send(std::move(*message), std::move(options), reply{});
}

boost::asio::awaitable<result<deleted>> invoke_remove(client with, result<request> message,
                                                      identifier id, call_options options) {
    auto gone = co_await invoke<deleted>(std::move(with), std::move(message), std::move(options));
    if (gone && gone->id.empty()) gone->id = std::move(id);
    co_return std::move(gone);
}

}  // namespace cloudflare
