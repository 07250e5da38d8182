#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace cfes {

/// A lock on a file that only one process has at a time. The kernel takes it back when the process
/// ends, however that happens. The file stays: who deletes it lets two have it.
class sync_lock {
public:
    /// Takes the descriptor over, which has the lock.
    explicit sync_lock(int descriptor) noexcept : descriptor_{descriptor} {}
    sync_lock(sync_lock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    sync_lock& operator=(sync_lock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~sync_lock();

private:
    int descriptor_;
};

/// What came of the attempt to take a lock.
struct lock_attempt {
    std::optional<sync_lock> lock;
    /// Why there is none.
    std::string failure;
    /// Whether it is because another process has it.
    bool is_held = false;
};

/// Takes the lock, or waits for it that long. `on_wait` is told once who has it.
/// Cancellation: all types.
boost::asio::awaitable<lock_attempt> take_lock(std::filesystem::path path,
                                               std::chrono::milliseconds wait,
                                               std::function<void(std::string const&)> on_wait);

/// The name of the lock of a list and an owner, which is also a file's.
std::string lock_name(std::string const& collection, std::string const& base_url,
                      std::string const& account_id, std::string const& owner);

}  // namespace cfes
