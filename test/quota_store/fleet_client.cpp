// One process of a fleet: creates block senders under a quota that others share.
//
//     fleet_client BASE_URL CA_FILE STORE WRITES QUOTA WINDOW_MS PROCESSES
//
// STORE is an address, or `none`. Begins when its standard input has a line, or has ended; prints
// what it did, a word and a number each.

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/quota_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

constexpr auto account = "0123456789abcdef0123456789abcdef";
constexpr auto token = "a-token-of-the-fleet";
constexpr int at_a_time = 4;

struct work {
    int left = 0;
    int done = 0;
    int failed = 0;
    int running = 0;
};

asio::awaitable<void> write(es::block_senders where, work& what,
                            std::shared_ptr<cf::quota_store> store) {
    while (what.left > 0) {
        auto const name = "p" + std::to_string(::getpid()) + "-" + std::to_string(what.left--);
        es::new_block_sender const entry{name + ".example", es::pattern_type::domain};
        auto const made = co_await where.create(entry);
        ++(made ? what.done : what.failed);
        if (!made) std::cerr << made.error() << '\n';
    }
    if (--what.running == 0 && store) co_await store->flush();
}

std::string read_file(char const* path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

int run(char** arguments) {
    asio::io_context context{1};
    auto const credentials = cf::credentials::api_token(token);
    auto const quota = cf::rate_limit_options{}.quota(
        std::stoul(arguments[5]), std::chrono::milliseconds{std::stol(arguments[6])});
    cf::client_options options{credentials};
    options.base_url(arguments[1])
        .tls(cf::tls_options{}.system_trust(false).extra_ca(read_file(arguments[2])))
        .rate_limit(quota);
    std::shared_ptr<cf::quota_store> store;
    if (std::string const where = arguments[3]; where != "none") {
        auto const tell = [](cf::quota_store_event const& event) {
            std::cerr << (event.what == cf::quota_store_event::kind::away ? "away " : "back ")
                      << event.reason << std::endl;
        };
        store = cf::make_quota_store(context.get_executor(), credentials,
                                     cf::quota_store_options{where}
                                         .quota(quota)
                                         .expected_processes(std::stoul(arguments[7]))
                                         .on_event(tell));
        options.rate_limiter(store);
    }
    cf::client const client{context.get_executor(), options};
    std::string line;
    std::getline(std::cin, line);
    auto const begun = std::chrono::steady_clock::now();
    work what;
    what.left = std::stoi(arguments[4]);
    for (; what.running != at_a_time; ++what.running) {
        asio::co_spawn(context, write(es::block_senders{client, account}, what, store),
                       [](std::exception_ptr thrown) {
                           if (thrown) std::rethrow_exception(thrown);
                       });
    }
    context.run();
    auto const took = std::chrono::steady_clock::now() - begun;
    std::cout << "done " << what.done << "\nfailed " << what.failed << "\nrefused "
              << client.metrics().rate_limited << "\nmilliseconds "
              << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << '\n';
    if (!store) return 0;
    auto const seen = store->metrics();
    std::cout << "exchanges " << seen.exchanges << "\nfailures " << seen.failures << "\naway "
              << seen.times_away << "\nleased " << seen.leased << "\nown " << seen.own << '\n';
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 8) return EXIT_FAILURE;
    try {
        return run(arguments);
    } catch (std::exception const& thrown) {
        std::cerr << thrown.what() << '\n';
        return EXIT_FAILURE;
    }
}
