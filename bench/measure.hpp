#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace CLI {
class App;
}

/// What every client under test has in common: the options, the request, and how it is measured.
namespace bench {

using clock = std::chrono::steady_clock;

struct options {
    std::string base_url;
    std::string ca_file;
    std::size_t connections = 64;
    std::size_t requests = 30'000;
};

void add_options(CLI::App& program, options& into);

inline constexpr auto account = "0123456789abcdef0123456789abcdef";
inline constexpr auto token = "a-token-for-the-benchmark-0123456789abcdef";

/// What every request blocks: what the server's answer is about (harness/nginx.py), as the library
/// compares them. The string is no allocation of the benchmark's.
inline constexpr auto pattern = "1234567.example";

/// Requests before the measured ones, so that every connection is open and every buffer has grown.
std::size_t warm_up_requests(options const& run);

/// Counts what the measured part of a program costs. It keeps a latency for each request, in memory
/// that is there before.
class measurement {
public:
    explicit measurement(std::size_t requests);

    void start();
    /// The latency of a request; from any thread, once for each index.
    void record(std::size_t index, clock::duration latency) noexcept {
        latencies_us_[index] = std::chrono::duration<float, std::micro>{latency}.count();
    }
    void stop();

    /// One line of JSON on the standard output. The number of allocations is in it when the
    /// counter (count_allocations.cpp) is preloaded.
    void print(std::string const& client, options const& run);

private:
    std::vector<float> latencies_us_;
    clock::time_point started_;
    clock::duration elapsed_{};
    double cpu_us_ = 0;
    unsigned long allocations_ = 0;
    unsigned long allocated_bytes_ = 0;
};

/// Runs the measured part. By its name tools know where to begin and to end counting:
/// `valgrind --tool=callgrind --toggle-collect='bench::measured(*'`.
void measured(measurement& figures, void (*part)(void*), void* argument);

template <class Part>
void measured(measurement& figures, Part&& part) {
    measured(
        figures, [](void* at) { (*static_cast<std::remove_reference_t<Part>*>(at))(); }, &part);
}

}  // namespace bench
