#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace cloudflare::test {

/// Puts `std::chrono::steady_clock` forward, for all of the program that uses this.
void put_clock_forward(std::chrono::nanoseconds by);

/// Lets time pass at once: timers that are due by then end when the context runs next.
inline void pass(boost::asio::io_context& context, std::chrono::nanoseconds time) {
    put_clock_forward(time);
    // The reactor sleeps on the time of the earliest timer as it was; a new one makes it look.
    auto const nudge = std::make_shared<boost::asio::steady_timer>(
        context, std::chrono::steady_clock::time_point::min());
    nudge->async_wait([nudge](boost::system::error_code) {});
}

}  // namespace cloudflare::test
