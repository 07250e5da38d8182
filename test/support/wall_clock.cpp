#include "wall_clock.hpp"

#include <atomic>
#include <ctime>
#include <sys/time.h>

namespace {

std::atomic<std::chrono::seconds::rep> ahead{0};

}  // namespace

/// Take the place of the C library's, for a program in which this file is linked.
extern "C" std::time_t time(std::time_t* into) noexcept {
    timespec real{};
    ::clock_gettime(CLOCK_REALTIME, &real);
    auto const now = static_cast<std::time_t>(real.tv_sec + ahead.load());
    if (into) *into = now;
    return now;
}

extern "C" int gettimeofday(timeval* __restrict into, void* __restrict) noexcept {
    timespec real{};
    ::clock_gettime(CLOCK_REALTIME, &real);
    into->tv_sec = static_cast<std::time_t>(real.tv_sec + ahead.load());
    into->tv_usec = static_cast<suseconds_t>(real.tv_nsec / 1000);
    return 0;
}

namespace cloudflare::test {

void put_wall_clock_forward(std::chrono::seconds by) {
    ahead += by.count();
}

}  // namespace cloudflare::test
