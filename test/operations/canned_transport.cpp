#include "canned_transport.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace cloudflare::test {

void world::run_to_end(boost::asio::awaitable<void> what) {
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(what),
                          [&thrown](std::exception_ptr ended) { thrown = ended; });
    context.restart();
    context.run();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace cloudflare::test
