// What connections cost: the share of reconnects that resume a session, against a server that
// closes after each answer, and what it takes to construct a client. Prints one line of JSON.

#include "bench_client.hpp"
#include "measure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

/// With the system's trust store, as a service would have it, and the benchmark's CA.
cf::client_options options_of(bench::options const& run) {
    return bench::client_options(run).tls(
        cf::tls_options{}.extra_ca(bench::read_file(run.ca_file)));
}

double construction_us(asio::io_context& context, cf::client_options const& options,
                       std::vector<cf::client>& kept) {
    auto const start = bench::clock::now();
    kept.emplace_back(context.get_executor(), options);
    return std::chrono::duration<double, std::micro>{bench::clock::now() - start}.count();
}

asio::awaitable<void> work(es::block_senders blocked, std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
        auto const created = co_await blocked.create(
            es::new_block_sender{bench::pattern, es::pattern_type::domain});
        created.value();
    }
}

/// So many workers with so many creates each.
void create(asio::io_context& context, cf::client const& client, std::size_t workers,
            std::size_t creates) {
    for (std::size_t n = 0; n < workers; ++n) {
        asio::co_spawn(context, work(es::block_senders{client, bench::account}, creates),
                       [](std::exception_ptr thrown) {
                           if (thrown) std::rethrow_exception(thrown);
                       });
    }
    context.restart();
    context.run();
}

void run(bench::options const& run) {
    asio::io_context context{1};
    auto const options = options_of(run);
    std::vector<cf::client> clients;
    auto const first_us = construction_us(context, options, clients);
    constexpr int more = 9;
    std::vector<double> further;
    for (int n = 0; n < more; ++n) further.push_back(construction_us(context, options, clients));
    std::nth_element(further.begin(), further.begin() + more / 2, further.end());

    create(context, clients.front(), run.connections, 1);
    auto const connected = clients.front().metrics();
    create(context, clients.front(), run.connections, run.requests / run.connections);
    auto const reconnected = clients.front().metrics();
    auto const reconnects = reconnected.connections_opened - connected.connections_opened;
    auto const resumed = reconnected.connections_resumed - connected.connections_resumed;
    std::printf(
        "{\"reconnects\": %llu, \"resumed_share\": %.4f, \"first_client_us\": %.1f, "
        "\"further_client_us\": %.1f}\n",
        static_cast<unsigned long long>(reconnects),
        static_cast<double>(resumed) / static_cast<double>(reconnects), first_us,
        further[more / 2]);
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options;
    CLI::App program{"Measures connecting; prints one line of JSON.", "bench_connections"};
    bench::add_options(program, options);
    CLI11_PARSE(program, argc, argv);
    try {
        run(options);
        return 0;
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "bench_connections: %s\n", failed.what());
        return 1;
    }
}
