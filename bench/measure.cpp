#include "measure.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <sys/resource.h>

// Defined by the preloaded counter only.
extern "C" [[gnu::weak]] void bench_allocations(unsigned long* count, unsigned long* bytes);

namespace bench {

namespace {

double cpu_us() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const us = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

long peak_rss_kb() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

float quantile(std::vector<float>& values, double part) {
    auto const at =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace

void add_options(CLI::App& program, options& into) {
    program.add_option("--base-url", into.base_url, "https://host[:port]/path of the API")
        ->required();
    program.add_option("--ca-file", into.ca_file, "the certificates (PEM) to trust")
        ->required()
        ->check(CLI::ExistingFile);
    program.add_option("--connections", into.connections, "requests at a time, each on its own")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    program.add_option("--requests", into.requests, "requests to measure")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

std::size_t warm_up_requests(options const& run) {
    return std::max<std::size_t>(500, 10 * run.connections);
}

measurement::measurement(std::size_t requests) : latencies_us_(requests) {}

void measurement::start() {
    if (bench_allocations) bench_allocations(&allocations_, &allocated_bytes_);
    cpu_us_ = cpu_us();
    started_ = clock::now();
}

void measurement::stop() {
    elapsed_ = clock::now() - started_;
    cpu_us_ = cpu_us() - cpu_us_;
    if (!bench_allocations) return;
    unsigned long count = 0;
    unsigned long bytes = 0;
    bench_allocations(&count, &bytes);
    allocations_ = count - allocations_;
    allocated_bytes_ = bytes - allocated_bytes_;
}

void measurement::print(std::string const& client, options const& run) {
    auto const each = [this](auto total) {
        return static_cast<double>(total) / static_cast<double>(latencies_us_.size());
    };
    auto const seconds = std::chrono::duration<double>(elapsed_).count();
    std::printf(
        "{\"client\": \"%s\", \"connections\": %zu, \"requests\": %zu, "
        "\"cpu_us_per_request\": %.3f, \"requests_per_second\": %.1f, "
        "\"p50_us\": %.1f, \"p99_us\": %.1f, \"peak_rss_kb\": %ld",
        client.c_str(), run.connections, run.requests, each(cpu_us_),
        static_cast<double>(latencies_us_.size()) / seconds,
        static_cast<double>(quantile(latencies_us_, 0.5)),
        static_cast<double>(quantile(latencies_us_, 0.99)), peak_rss_kb());
    if (bench_allocations) {
        std::printf(", \"allocations_per_request\": %.3f, \"allocated_bytes_per_request\": %.1f",
                    each(allocations_), each(allocated_bytes_));
    }
    std::puts("}");
}

[[gnu::noinline]] void measured(measurement& figures, void (*part)(void*), void* argument) {
    figures.start();
    part(argument);
    figures.stop();
}

}  // namespace bench
