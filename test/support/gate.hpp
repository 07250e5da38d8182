#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace cloudflare::test {

/// How long anything may take before a test gives up on it: far away, for the busiest machine.
inline constexpr std::chrono::seconds watchdog{60};

/// Opens once; whoever waits goes on then. Takes the place of every sleep.
class gate {
public:
    void open() {
        {
            std::lock_guard const lock{mutex_};
            open_ = true;
        }
        changed_.notify_all();
    }
    bool is_open() const {
        std::lock_guard const lock{mutex_};
        return open_;
    }
    void wait() const {
        std::unique_lock lock{mutex_};
        if (!changed_.wait_for(lock, watchdog, [this] { return open_; })) {
            throw std::runtime_error("a gate was never opened");
        }
    }

private:
    std::mutex mutable mutex_;
    std::condition_variable mutable changed_;
    bool open_ = false;
};

}  // namespace cloudflare::test
