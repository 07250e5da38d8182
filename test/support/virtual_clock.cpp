#include "virtual_clock.hpp"

#include <atomic>
#include <ctime>

namespace {

std::atomic<std::chrono::nanoseconds::rep> ahead{0};

}  // namespace

/// Takes the place of the standard library's, for a program in which this file is linked.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    timespec real{};
    ::clock_gettime(CLOCK_MONOTONIC, &real);
    return time_point{std::chrono::seconds{real.tv_sec} + std::chrono::nanoseconds{real.tv_nsec} +
                      std::chrono::nanoseconds{ahead.load()}};
}

namespace cloudflare::test {

void put_clock_forward(std::chrono::nanoseconds by) {
    ahead += by.count();
}

}  // namespace cloudflare::test
