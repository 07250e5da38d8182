#include <cloudflare/invoke.hpp>

namespace cloudflare {

boost::asio::awaitable<result<deleted>> invoke_remove(client through, result<request> message,
                                                      identifier id, call_options options) {
    auto gone =
        co_await invoke<deleted>(std::move(through), std::move(message), std::move(options));
    if (gone && gone->id.empty()) gone->id = std::move(id);
    co_return std::move(gone);
}

}  // namespace cloudflare
