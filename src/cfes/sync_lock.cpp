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
#include <utility>

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

}  // namespace

sync_lock::~sync_lock() {
    if (descriptor_ < 0) return;
    [[maybe_unused]] auto const emptied = ::ftruncate(descriptor_, 0);
    ::close(descriptor_);
}

namespace {

/// Opens the file, which is made if it is not there; -1 with why not.
int open_file(std::string const& name, std::string& failure) {
    constexpr mode_t for_owner = 0600;
    auto const descriptor = ::open(
        name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, for_owner);
    if (descriptor < 0) {
        failure = "cannot open " + name + ": " + reason_of(errno);
        return -1;
    }
    struct stat about {};
    if (::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode)) return descriptor;
    ::close(descriptor);
    failure = name + " is not a regular file";
    return -1;
}

/// Whether whoever opens the file gets this one: somebody may have deleted it.
bool is_still_there(std::string const& name, int descriptor) {
    struct stat here {};
    struct stat there {};
    return ::fstat(descriptor, &here) == 0 && ::lstat(name.c_str(), &there) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/// Waits until the file is locked by this process.
asio::awaitable<wait_result> wait_for_file(int descriptor, std::chrono::milliseconds wait) {
    // The thread keeps its own. Both are of one open file, and so is the lock.
    auto const waiting = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    wait_result came;
    if (waiting < 0) {
        came.error = errno;
        co_return came;
    }
    auto work = wait_for_lock(waiting, wait);
    came = co_await std::move(work);
    bool const has_ended = came.how == wait_end::locked || came.how == wait_end::failed;
    if (has_ended) ::close(waiting);
    co_return came;
}

}  // namespace

asio::awaitable<lock_attempt> take_lock(fs::path path, std::chrono::milliseconds wait,
                                        std::function<void(std::string const&)> on_wait) {
    using clock = std::chrono::steady_clock;
    auto const name = path.string();
    auto const deadline = clock::now() + wait;
    for (bool is_told = false;;) {
        lock_attempt made;
        auto const descriptor = open_file(name, made.failure);
        if (descriptor < 0) co_return made;
        wait_result came;
        came.error = lock(descriptor, LOCK_EX | LOCK_NB);
        came.how = came.error == 0             ? wait_end::locked
                   : came.error == EWOULDBLOCK ? wait_end::timed_out
                                               : wait_end::failed;
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
        if (came.how == wait_end::timed_out && wait.count() > 0 && left.count() > 0) {
            if (!std::exchange(is_told, true)) on_wait(holder_of(descriptor));
            auto waiting = wait_for_file(descriptor, left);
            came = co_await std::move(waiting);
        }
        auto const holder = holder_of(descriptor);
        if (came.how == wait_end::locked) {
            made.lock.emplace(descriptor);
            // Otherwise others lock the one that is there now.
            if (!is_still_there(name, descriptor)) continue;
            write_holder(descriptor);
            co_return made;
        }
        ::close(descriptor);
        if (came.how == wait_end::cancelled) {
            made.failure = "cancelled while waiting for " + holder + ": " + name;
        } else if (came.how == wait_end::timed_out) {
            made.failure =
                "another sync of this list and owner is running, " + holder + ": " + name;
            made.is_held = true;
        } else {
            made.failure = "cannot lock " + name + ": " + reason_of(came.error);
        }
        co_return made;
    }
}

std::string lock_name(std::string const& collection, std::string const& base_url,
                      std::string const& account_id, std::string const& owner) {
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
    return name + ".lock";
}

}  // namespace cfes
