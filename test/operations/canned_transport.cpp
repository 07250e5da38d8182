#include "canned_transport.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace cloudflare::test {

void world::run_to_end(boost::asio::awaitable<void> what) {
    std::exception_ptr thrown;
    bool is_done = false;
    boost::asio::co_spawn(context, std::move(what), [&](std::exception_ptr ended) {
        thrown = ended;
        is_done = true;
    });
    context.restart();
    while (!is_done && context.run_one() > 0) continue;
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace cloudflare::test
