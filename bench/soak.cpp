// A long run of one client against a server that fails: what it holds at the end must be what it
// held after the warm-up.
//
//     soak [REQUESTS]       default: 500000
//
// The requests go out in twenty parts, by 32 callers at once, of whose calls some are cancelled and
// some have too little time. After each part all calls have ended, and the context must have run
// out of work: no timer and no handler is left. Then a line of the table shows what is held:
// sockets (the idle connections), bytes in use of the heap, resident memory. The first part is the
// warm-up. The simulator runs in a process of its own. Exit status 1 when something grew, or when
// more calls failed than the faults, cancellations and timeouts account for.

#include "remote_simulator.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;
using namespace std::chrono_literals;

namespace {

constexpr auto account = "0123456789abcdef0123456789abcdef";
constexpr int parts = 20;
constexpr int callers = 32;
constexpr std::size_t max_connections = 8;
constexpr auto faults =
    "reset-before@0.01,reset-after@0.01,503@0.01,503-after@0.01,500-html@0.01,truncate@0.01,"
    "garbage@0.005,empty@0.005,stall@0.0002,hang@0.0002,hang-after@0.0002";

// What differs by how many connections happen to be idle, and by the heap's own ways.
constexpr std::size_t heap_tolerance = std::size_t{512} * 1024;
constexpr std::size_t resident_tolerance = std::size_t{8} * 1024 * 1024;

constexpr std::uint64_t most_failed_of_hundred = 15;

struct holdings {
    std::size_t sockets = 0;
    std::size_t heap = 0;      // bytes
    std::size_t resident = 0;  // bytes
};

holdings measure() {
    holdings now;
    for (auto const& each : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code gone;
        now.sockets += std::filesystem::read_symlink(each, gone).string().starts_with("socket:");
    }
    auto const heap = ::mallinfo2();
    now.heap = heap.uordblks + heap.hblkhd;
    std::size_t total{};
    std::ifstream{"/proc/self/statm"} >> total >> now.resident;
    now.resident *= static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return now;
}

/// The callers, and who cancels some of their calls.
class crowd {
public:
    crowd(asio::io_context& context, cf::client client)
        : context_{context}, blocked_{std::move(client), account} {}

    /// Lets them make requests until there are so many of the client's, and all calls have ended.
    void run_until(std::uint64_t requests) {
        target_ = requests;
        busy_ = callers;
        for (int n = 0; n < callers; ++n) {
            signals_[static_cast<std::size_t>(n)] = std::make_unique<asio::cancellation_signal>();
            asio::co_spawn(context_, work(n), [this](std::exception_ptr thrown) {
                if (thrown) std::rethrow_exception(thrown);
                --busy_;
            });
        }
        asio::co_spawn(context_, cancel_some(), asio::detached);
        context_.restart();
        context_.run_for(6h);
        if (!context_.stopped()) throw std::runtime_error("the context has work left");
    }

private:
    template <class T>
    asio::awaitable<cf::result<T>> call(int who, asio::awaitable<cf::result<T>> what) {
        auto const slot = signals_[static_cast<std::size_t>(who)]->slot();
        auto token = asio::bind_cancellation_slot(slot, asio::use_awaitable);
        co_return co_await asio::co_spawn(context_, std::move(what), std::move(token));
    }

    /// One of a hundred calls has no time, or next to none.
    cf::call_options options() {
        cf::call_options with;
        if (random_() % 100 == 0) with.timeout(std::chrono::milliseconds{1 + random_() % 5});
        return with;
    }

    asio::awaitable<void> work(int who) {
        auto const& client = blocked_.client();
        while (client.metrics().requests < target_) {
            auto item = es::new_block_sender{"mail-" + std::to_string(++number_) + ".spam.example",
                                             es::pattern_type::domain};
            auto const made = co_await call(who, blocked_.create(std::move(item), options()));
            if (!made) continue;
            co_await call(who, blocked_.get(made->id, options()));
            auto patch = es::block_sender_patch{}.comments("seen");
            co_await call(who, blocked_.edit(made->id, std::move(patch), options()));
            auto page = es::block_sender_filter{}.per_page(20);
            co_await call(who, blocked_.list_page(std::move(page), options()));
            co_await call(who, blocked_.remove(made->id, options()));
        }
    }

    asio::awaitable<void> cancel_some() {
        asio::steady_timer timer{context_};
        while (busy_ > 0) {
            timer.expires_after(5ms);
            co_await timer.async_wait(asio::use_awaitable);
            signals_[random_() % callers]->emit(asio::cancellation_type::terminal);
        }
    }

    asio::io_context& context_;
    es::block_senders blocked_;
    std::array<std::unique_ptr<asio::cancellation_signal>, callers> signals_;
    std::minstd_rand random_{7};
    std::uint64_t target_ = 0;
    std::uint64_t number_ = 0;
    int busy_ = 0;
};

void print(double seconds, cf::metrics const& figures, holdings const& held) {
    std::printf("%8.1f %9llu %9llu %9llu %9llu %8llu %8zu %9zu %9zu\n", seconds,
                static_cast<unsigned long long>(figures.requests),
                static_cast<unsigned long long>(figures.calls),
                static_cast<unsigned long long>(figures.failures),
                static_cast<unsigned long long>(figures.retries),
                static_cast<unsigned long long>(figures.connections_opened), held.sockets,
                held.heap / 1024, held.resident / 1024);
    std::fflush(stdout);
}

/// How many figures are over their limits.
int count_over(holdings const& before, holdings const& after, std::size_t left_open,
               cf::metrics const& figures) {
    int over = 0;
    auto const check = [&over](char const* what, std::size_t now, std::size_t limit) {
        std::printf("%-34s %10zu, at most %10zu: %s\n", what, now, limit,
                    now <= limit ? "holds" : "OVER");
        over += now > limit;
    };
    check("failed calls of a hundred", 100 * figures.failures / figures.calls,
          most_failed_of_hundred);
    check("sockets", after.sockets, max_connections);
    check("sockets after closing", left_open, 0);
    check("bytes in use of the heap", after.heap, before.heap + heap_tolerance);
    check("bytes of resident memory", after.resident, before.resident + resident_tolerance);
    return over;
}

int run(std::uint64_t requests) {
    remote_simulator const simulator{{"--quota", "none", "--fault", faults, "--seed", "5"}};
    asio::io_context context{1};
    cf::client const client{
        context.get_executor(),
        simulator.options()
            .rate_limit(cf::rate_limit_options::unlimited())
            .retry(cf::retry_options{}.backoff(1ms, 10ms))
            .pool(cf::pool_options{}.max_connections(max_connections).exchange_timeout(1s))};
    crowd all{context, client};
    std::printf("%8s %9s %9s %9s %9s %8s %8s %9s %9s\n", "seconds", "requests", "calls", "failures",
                "retries", "opened", "sockets", "heap KiB", "RSS KiB");
    auto const start = std::chrono::steady_clock::now();
    holdings before;
    holdings after;
    for (std::uint64_t part = 1; part <= parts; ++part) {
        all.run_until(requests * part / parts);
        after = measure();
        if (part == 1) before = after;
        auto const time = std::chrono::steady_clock::now() - start;
        print(std::chrono::duration<double>(time).count(), client.metrics(), after);
    }
    asio::co_spawn(context, client.close(), asio::detached);
    context.restart();
    context.run();
    std::printf("\nno timer or handler was left after any part\n");
    return count_over(before, after, measure().sockets, client.metrics()) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc > 1 ? std::stoull(argv[1]) : 500'000);
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "soak: %s\n", failed.what());
        return 1;
    }
}
