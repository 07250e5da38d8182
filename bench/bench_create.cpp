// What a create costs through the whole client: retry, limiter, pool, deadline and metrics at work.
// Prints one line of JSON. Connecting and a warm-up are not in its figures.

#include "bench_client.hpp"
#include "measure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

struct settings : bench::options {
    std::size_t waiting = 0;
    std::size_t threads = 1;
    bool event_hook = false;
};

cf::client make_client(asio::io_context& context, settings const& run) {
    auto options = bench::client_options(run, run.waiting > 0);
    if (run.event_hook) options.on_event([](cf::event const&) {});
    return cf::client{context.get_executor(), std::move(options)};
}

/// As many creates at a time as there are connections, and those that wait. Each is followed by
/// another at once, also between two runs, when nothing moves.
class load {
public:
    load(asio::io_context& context, cf::client client, settings const& run)
        : context_{context}, client_{std::move(client)}, threads_{run.threads} {
        es::block_senders const blocked{client_, bench::account};
        for (auto n = run.connections + run.waiting; n > 0; --n) {
            asio::co_spawn(context_, work(blocked), asio::detached);
        }
    }

    /// Goes on until so many more have ended.
    void run(std::size_t requests, bench::measurement& figures) {
        figures_ = &figures;
        ended_ = 0;
        requests_ = requests;
        context_.restart();
        {
            std::vector<std::jthread> others;
            for (std::size_t n = 1; n < threads_; ++n)
                others.emplace_back([this] { context_.run(); });
            context_.run();
        }
        if (failure_) throw cf::exception{*failure_};
    }

private:
    asio::awaitable<void> work(es::block_senders blocked) {
        auto last = bench::clock::now();
        for (;;) {
            auto const created = co_await blocked.create(
                es::new_block_sender{bench::pattern, es::pattern_type::domain});
            if (!created) co_return fail(created.error());
            auto const now = bench::clock::now();
            end(now - last);
            last = now;
        }
    }

    void fail(cf::error why) {
        std::lock_guard const lock{mutex_};
        failure_ = std::move(why);
        context_.stop();
    }

    void end(bench::clock::duration latency) {
        auto const index = ended_++;
        if (index < requests_) figures_->record(index, latency);
        if (index + 1 == requests_) context_.stop();
    }

    asio::io_context& context_;
    cf::client client_;
    std::size_t threads_;
    std::atomic<std::size_t> ended_{0};
    std::size_t requests_ = 0;
    bench::measurement* figures_ = nullptr;
    std::mutex mutex_;
    std::optional<cf::error> failure_;
};

/// Until all connections are open and all that are to wait do.
void warm_up(load& creates, cf::client const& client, settings const& run) {
    auto const count = bench::warm_up_requests(run);
    bench::measurement ignored{count};
    constexpr int most_rounds = 100;
    for (int round = 0; round < most_rounds; ++round) {
        creates.run(count, ignored);
        if (client.metrics().connections_opened >= run.connections &&
            client.quota().waiting + run.connections >= run.waiting) {
            return;
        }
    }
    throw std::runtime_error("the server does not let " + std::to_string(run.connections) +
                             " connections be opened");
}

}  // namespace

int main(int argc, char** argv) {
    settings run;
    CLI::App program{"Measures creates through the client; prints one line of JSON.",
                     "bench_create"};
    bench::add_options(program, run);
    program
        .add_option("--waiting", run.waiting,
                    "further creates, which wait for the quota; the server always tells of as many "
                    "requests left as there are connections")
        ->capture_default_str();
    program.add_option("--threads", run.threads, "threads that run the context")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    program.add_flag("--event-hook", run.event_hook, "install an empty event hook");
    CLI11_PARSE(program, argc, argv);
    try {
        asio::io_context context{static_cast<int>(run.threads)};
        auto const client = make_client(context, run);
        load creates{context, client, run};
        warm_up(creates, client, run);
        bench::measurement figures{run.requests};
        bench::measured(figures, [&] { creates.run(run.requests, figures); });
        figures.print("bench_create", run);
        return 0;
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "bench_create: %s\n", failed.what());
        return 1;
    }
}
