#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <thread>

namespace cloudflare::inline v0 {

/// A thread of the library's own, for timers that must not depend on any caller's executor. Their
/// handlers must be short and call nothing of a caller's.
class timer_thread {
public:
    /// The one of the process: begins with the first use, and ends with the process.
    /// @throws std::system_error when there can be no thread.
    static std::shared_ptr<timer_thread> of_process();

    timer_thread();
    ~timer_thread();
    timer_thread(timer_thread const&) = delete;
    timer_thread& operator=(timer_thread const&) = delete;

    boost::asio::io_context& context() noexcept { return context_; }

    /// No handler runs after this.
    void stop();

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_;
    std::thread thread_;
};

}  // namespace cloudflare::inline v0
