#include "sync_lock.hpp"

#include "files.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/sha.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace cfes {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// Says who has the lock. Nobody depends on it.
void write_holder(int descriptor) {
    auto const text = std::to_string(::getpid()) + '\n';
    if (::ftruncate(descriptor, 0) != 0) return;
    [[maybe_unused]] auto const written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

/// "process N", if the file tells.
std::string holder_of(int descriptor) {
    char text[24];
    auto const size = ::pread(descriptor, text, sizeof text, 0);
    if (size <= 0) return "another process";
    long number = 0;
    auto const [end, wrong] = std::from_chars(text, text + size, number);
    if (wrong != std::errc{} || end == text + size || *end != '\n' || number <= 0) {
        return "another process";
    }
    return "process " + std::to_string(number);
}

int lock(int descriptor, int how) {
    for (;;) {
        if (::flock(descriptor, how) == 0) return 0;
        if (errno != EINTR) return errno;
    }
}

/// What a thread that waits in the kernel shares with who waits for it.
struct blocked_wait {
    std::mutex mutex;
    asio::steady_timer* timer = nullptr;  ///< null once nobody waits any more
    bool has_ended = false;
    int failed = 0;
};

/// Nobody can be called back when a lock becomes free: a thread waits for it, and is left behind
/// when the time is over. It then gives back what it gets.
void wait_in_kernel(std::shared_ptr<blocked_wait> shared, asio::any_io_executor to,
                    int descriptor) {
    auto const failed = lock(descriptor, LOCK_EX);
    std::lock_guard const guard{shared->mutex};
    if (!shared->timer) {
        ::close(descriptor);
        return;
    }
    shared->has_ended = true;
    shared->failed = failed;
    asio::post(to, [shared] {
        std::lock_guard const again{shared->mutex};
        if (shared->timer) shared->timer->cancel();
    });
}

/// Signals are for the thread that heeds them.
void start_wait(std::shared_ptr<blocked_wait> shared, asio::any_io_executor to, int descriptor) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread{&wait_in_kernel, std::move(shared), std::move(to), descriptor}.detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

enum class wait_end { locked, timed_out, cancelled, failed };

struct wait_result {
    wait_end how = wait_end::failed;
    int error = 0;
};

/// The descriptor is the thread's from now on, unless it got the lock.
asio::awaitable<wait_result> wait_for_lock(int descriptor, std::chrono::milliseconds wait) {
    auto const here = co_await asio::this_coro::executor;
    asio::steady_timer timer{here, wait};
    auto const shared = std::make_shared<blocked_wait>();
    shared->timer = &timer;
    // Also where this coroutine is destroyed.
    struct leaver {
        blocked_wait& shared;
        ~leaver() {
            std::lock_guard const guard{shared.mutex};
            shared.timer = nullptr;
        }
    } const leaves{*shared};
    start_wait(shared, here, descriptor);
    boost::system::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    std::lock_guard const guard{shared->mutex};
    wait_result came;
    if (shared->has_ended) {
        came.how = shared->failed == 0 ? wait_end::locked : wait_end::failed;
        came.error = shared->failed;
    } else {
        // From here on the thread closes the descriptor.
        shared->timer = nullptr;
        came.how = ended ? wait_end::cancelled : wait_end::timed_out;
    }
    co_return came;
}

lock_attempt no_lock(std::string why) {
    lock_attempt made;
    made.failure = std::move(why);
    return made;
}

}  // namespace

sync_lock::~sync_lock() {
    if (descriptor_ < 0) return;
    [[maybe_unused]] auto const emptied = ::ftruncate(descriptor_, 0);
    ::close(descriptor_);
}

asio::awaitable<lock_attempt> take_lock(fs::path path, std::chrono::milliseconds wait,
                                        std::function<void(std::string const&)> on_wait) {
    constexpr mode_t for_owner = 0600;
    auto const name = path.string();
    auto const descriptor = ::open(
        name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, for_owner);
    if (descriptor < 0) co_return no_lock("cannot open " + name + ": " + reason_of(errno));
    struct stat about {};
    if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
        ::close(descriptor);
        co_return no_lock(name + " is not a regular file");
    }
    auto error = lock(descriptor, LOCK_EX | LOCK_NB);
    bool is_cancelled = false;
    if (error == EWOULDBLOCK && wait.count() > 0) {
        on_wait(holder_of(descriptor));
        // A descriptor of its own, which the thread may keep.
        auto const waiting = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
        if (waiting < 0) {
            error = errno;
        } else {
            auto work = wait_for_lock(waiting, wait);
            auto const came = co_await std::move(work);
            is_cancelled = came.how == wait_end::cancelled;
            // Both descriptors are of one open file, and so is the lock.
            bool const is_mine = came.how == wait_end::locked || came.how == wait_end::failed;
            if (is_mine) ::close(waiting);
            if (is_mine) error = came.error;
        }
    }
    if (error == 0) {
        write_holder(descriptor);
        lock_attempt made;
        made.lock.emplace(descriptor);
        co_return made;
    }
    auto const holder = holder_of(descriptor);
    ::close(descriptor);
    if (is_cancelled) co_return no_lock("cancelled while waiting for " + holder + ": " + name);
    if (error != EWOULDBLOCK) co_return no_lock("cannot lock " + name + ": " + reason_of(error));
    auto refused =
        no_lock("another sync of this list and owner is running, " + holder + ": " + name);
    refused.is_held = true;
    co_return refused;
}

fs::path lock_path(fs::path const& directory, std::string const& collection,
                   std::string const& base_url, std::string const& account_id,
                   std::string const& owner) {
    // Any text may be an account or a URL, but not a file's name.
    auto const text = collection + '\n' + base_url + '\n' + account_id + '\n' + owner;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest);
    constexpr std::size_t used = 16;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = collection + '-';
    for (std::size_t i = 0; i != used; ++i) {
        name += digits[digest[i] >> 4U];
        name += digits[digest[i] & 15U];
    }
    return directory / (name + ".lock");
}

}  // namespace cfes
