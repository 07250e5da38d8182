#include "quota_store/host_lookup.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <csignal>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <pthread.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

namespace {

/// What the thread that looks a name up shares with who waits for it.
struct lookup {
    std::mutex mutex;
    asio::steady_timer* timer = nullptr;  ///< null once nobody waits any more
    /// Of who waits, and gone with them: the thread may outlive the context.
    std::optional<asio::any_io_executor> to;
    bool has_ended = false;
    int failed = 0;
    std::vector<std::string> addresses;
};

void look_up(std::shared_ptr<lookup> shared, std::string const& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    auto const failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    std::vector<std::string> addresses;
    for (auto const* each = found; each; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0) {
            addresses.emplace_back(text.data());
        }
    }
    if (found) ::freeaddrinfo(found);
    std::lock_guard const guard{shared->mutex};
    if (!shared->timer) return;
    shared->has_ended = true;
    shared->failed = failed;
    shared->addresses = std::move(addresses);
    asio::post(*shared->to, [shared] {
        std::lock_guard const again{shared->mutex};
        if (shared->timer) shared->timer->cancel();
    });
}

/// Signals are for the threads of the program.
void start(std::shared_ptr<lookup> shared, std::string host) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread{&look_up, std::move(shared), std::move(host)}.detach();
    } catch (...) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

asio::awaitable<result<std::vector<std::string>>> look_up_host(
    std::string host, std::chrono::steady_clock::time_point deadline) {
    boost::system::error_code is_name;
    (void)asio::ip::make_address(host, is_name);
    if (!is_name) co_return std::vector<std::string>{host};
    auto const here = co_await asio::this_coro::executor;
    asio::steady_timer timer{here, deadline};
    auto const shared = std::make_shared<lookup>();
    shared->timer = &timer;
    shared->to = here;
    // Also where this coroutine is destroyed.
    struct leaver {
        lookup& shared;
        ~leaver() {
            std::lock_guard const guard{shared.mutex};
            shared.timer = nullptr;
            shared.to.reset();
        }
    } const leaves{*shared};
    try {
        start(shared, host);
    } catch (std::system_error const& none) {
        co_return error{errc::quota_unavailable, none.what()};
    }
    boost::system::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    std::lock_guard const guard{shared->mutex};
    if (!shared->has_ended) {
        co_return error{errc::quota_unavailable, "the store's host was not looked up in time"};
    }
    if (shared->addresses.empty()) {
        co_return error{errc::quota_unavailable, std::string{"cannot find the store's host: "} +
                                                     ::gai_strerror(shared->failed)};
    }
    co_return std::move(shared->addresses);
}

}  // namespace cloudflare::inline v0
