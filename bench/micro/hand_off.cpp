// What the pool hands a connection on by, and the limiter a grant: a waiter woken by another
// coroutine, and waiting again.

#include "memory/waiter.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <benchmark/benchmark.h>
#include <cstdint>
#include <mutex>

namespace asio = boost::asio;

namespace {

struct place {
    explicit place(asio::io_context& context) : waits{context.get_executor(), mutex} {}

    std::mutex mutex;
    cloudflare::waiter waits;
    std::int64_t served = 0;
};

asio::awaitable<void> wait_again_and_again(place& at) {
    for (;;) {
        boost::system::error_code ec;
        co_await at.waits.async_wait(cloudflare::waiter::time_point::max(),
                                     asio::redirect_error(asio::use_awaitable, ec));
        std::lock_guard const lock{at.mutex};
        at.waits.reset();
        ++at.served;
    }
}

void hand_off(benchmark::State& state) {
    asio::io_context context{1};
    place at{context};
    asio::co_spawn(context, wait_again_and_again(at), asio::detached);
    context.poll();
    for (auto _ : state) {
        auto const before = at.served;
        {
            std::lock_guard const lock{at.mutex};
            at.waits.wake();
        }
        while (at.served == before) context.run_one();
    }
}
BENCHMARK(hand_off);

}  // namespace
