// What syncing a block list costs the client: requests, time, processor time and memory, from an
// empty list to a full one, then with 1 % of changes, then with none.
//
//     bulk_sync [ENTRIES ...]       default: 10000 100000 1000000
//     bulk_sync --writers N [ENTRIES ...]
//                                   the same beside N changes a second of other people, after the
//                                   quiet run; default 1000000
//     bulk_sync --quota [ENTRIES]   how close to the quota of 12 requests in 3 seconds; default
//                                   100000
//
// The simulator runs in a process of its own, and so does the client of each size, so that its peak
// of memory is that of its size.

#include "email_security/sync/plan_maker.hpp"
#include "remote_simulator.hpp"
#include "sample_feed.hpp"
#include "support/program.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

constexpr auto account = "0123456789abcdef0123456789abcdef";
constexpr std::size_t batch = 1000;

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double peak_megabytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) / 1024;
}

cf::client connect(remote_simulator const& to, asio::io_context& context,
                   cf::rate_limit_options limit) {
    return cf::client{context.get_executor(), to.options().rate_limit(limit)};
}

struct outcome {
    es::sync_report report;
    double seconds = 0;
    double cpu = 0;
};

using bench::block_feed;
using bench::feed_text;

asio::awaitable<void> sync_into(std::optional<es::sync_report>& report, es::block_senders where,
                                block_feed feed, es::sync_options options) {
    report = co_await es::sync(std::move(where), std::move(feed), std::move(options));
}

outcome sync(cf::client const& client, asio::io_context& context, std::string const& feed_file) {
    auto const start = std::chrono::steady_clock::now();
    auto const cpu = cpu_seconds();
    auto feed = es::read_feed<es::block_senders_traits>(feed_file).value();
    es::sync_options options;
    options.owner("bench").prune(true);
    std::optional<es::sync_report> report;
    asio::co_spawn(context,
                   sync_into(report, es::block_senders{client, account}, std::move(feed), options),
                   [](std::exception_ptr thrown) {
                       if (thrown) std::rethrow_exception(thrown);
                   });
    context.restart();
    context.run();
    if (report->failure) throw std::runtime_error(report->failure->message());
    outcome made;
    made.report = std::move(*report);
    made.cpu = cpu_seconds() - cpu;
    made.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return made;
}

std::size_t requests_for(std::size_t items) {
    return (items + batch - 1) / batch;
}

/// `writers` is how many changes a second others make.
void print(std::size_t entries, std::size_t writers, char const* phase, outcome const& what,
           std::size_t minimum) {
    auto const& report = what.report;
    std::printf("%9zu %8zu  %-10s %8lld %8lld %8lld %9lld %8zu %7.2f %9.2f %8.0f\n", entries,
                writers, phase, static_cast<long long>(report.created),
                static_cast<long long>(report.updated), static_cast<long long>(report.deleted),
                static_cast<long long>(report.requests), minimum, what.seconds,
                what.cpu * 1e6 / static_cast<double>(entries), peak_megabytes());
    std::fflush(stdout);
}

/// The comparison by itself: of a feed with a list that has a hundredth of differences.
void measure_diff(std::size_t entries, std::string const& feed_file) {
    es::sync_plan<es::block_senders_traits> plan;
    plan.desired = es::read_feed<es::block_senders_traits>(feed_file).value();
    es::sync_options options;
    options.owner("bench").prune(true);
    double cpu = cpu_seconds();
    es::typed_feed_view<es::block_senders_traits> const desired{plan.desired};
    es::plan_maker comparison{es::sync_type_of<es::block_senders_traits>(), desired, options, plan,
                              es::plan_use::applied_now};
    cpu = cpu_seconds() - cpu;
    auto const step = batch * std::max<std::size_t>(1, entries / batch / 100);
    for (std::size_t begin = 0; begin < entries; begin += step) {
        auto page = bench::listed(plan.desired, begin, std::min(step, entries - begin));
        auto const before = cpu_seconds();
        comparison.take(begin, std::move(page));
        cpu += cpu_seconds() - before;
    }
    auto const before = cpu_seconds();
    auto const refused = comparison.fill();
    cpu += cpu_seconds() - before;
    if (refused) throw std::runtime_error(refused->message());
    std::printf("%9zu  diff alone: %.2f us an entry, %zu updates found\n", entries,
                cpu * 1e6 / static_cast<double>(entries), plan.updates.size());
}

void run_size(std::size_t entries, std::size_t writers) {
    test::scratch const files;
    std::vector<std::string> arguments{"--quota", "none"};
    if (writers > 0) arguments.insert(arguments.end(), {"--writers", std::to_string(writers)});
    remote_simulator const simulator{arguments};
    asio::io_context context{1};
    auto const client = connect(simulator, context, cf::rate_limit_options::unlimited());
    auto const part = entries / 300;
    auto const first = files.file("first.csv", feed_text(0, entries, 0));
    auto const second = files.file("second.csv", feed_text(part, entries, 2 * part));

    auto made = sync(client, context, first);
    print(entries, writers, "all new", made, 1 + requests_for(entries));
    made = sync(client, context, second);
    print(entries, writers, "1 %", made, requests_for(entries) + requests_for(part));
    made = sync(client, context, second);
    print(entries, writers, "no change", made, requests_for(entries));
    if (writers == 0) measure_diff(entries, first);
}

void run_in_process_of_its_own(std::string const& self, std::size_t entries, std::size_t writers) {
    test::program child{{self, "--size", std::to_string(entries), std::to_string(writers)}};
    std::fputs(child.read_all().c_str(), stdout);
    if (auto const status = child.wait(); status != 0) {
        throw std::runtime_error("status " + std::to_string(status) + ": " + child.errors());
    }
    std::fflush(stdout);
}

void run_with_quota(std::size_t entries) {
    constexpr std::size_t allowed = 12;
    constexpr double window = 3;
    test::scratch const files;
    remote_simulator const simulator{{"--quota", "12/3"}};
    asio::io_context context{1};
    auto const client = connect(simulator, context,
                                cf::rate_limit_options{}.quota(allowed, std::chrono::seconds{3}));
    auto const made = sync(client, context, files.file("feed.csv", feed_text(0, entries, 0)));
    auto const requests = 1 + requests_for(entries);
    auto const windows = (requests - 1) / allowed;
    auto const least = static_cast<double>(windows) * window;
    std::printf(
        "quota 12/3: %zu entries, %lld requests, %lld retries; %.1f s, the quota allows no "
        "less than %.1f s (%+.1f %%)\n",
        entries, static_cast<long long>(made.report.requests),
        static_cast<long long>(made.report.retries), made.seconds, least,
        100 * (made.seconds / least - 1));
}

int run(std::vector<std::string> const& arguments) {
    auto const number = [&](std::size_t index) { return std::stoul(arguments[index]); };
    if (arguments.size() == 4 && arguments[1] == "--size") {
        run_size(number(2), number(3));
        return 0;
    }
    if (arguments.size() > 1 && arguments[1] == "--quota") {
        run_with_quota(arguments.size() > 2 ? number(2) : 100'000);
        return 0;
    }
    bool const has_writers = arguments.size() > 2 && arguments[1] == "--writers";
    std::printf("%9s %8s  %-10s %8s %8s %8s %9s %8s %7s %9s %8s\n", "entries", "others/s", "sync",
                "created", "updated", "deleted", "requests", "minimum", "seconds", "us/entry",
                "peak MB");
    std::vector<std::size_t> sizes;
    for (std::size_t i = has_writers ? 3 : 1; i < arguments.size(); ++i) {
        sizes.push_back(number(i));
    }
    if (sizes.empty() && has_writers) sizes = {1'000'000};
    if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000};
    for (auto const size : sizes) {
        run_in_process_of_its_own(arguments[0], size, 0);
        if (has_writers) run_in_process_of_its_own(arguments[0], size, number(2));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv, argv + argc});
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "bulk_sync: %s\n", failed.what());
        return 1;
    }
}
