#include "sync_lease.hpp"

#include "output.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <unistd.h>
#include <utility>

namespace cfes {

namespace asio = boost::asio;
namespace cf = cloudflare;

namespace {

using clock = std::chrono::steady_clock;

/// Between two attempts. Nobody can be called back when a lease becomes free.
constexpr std::chrono::milliseconds attempt_pause{500};

std::string this_process() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name = {"another host"};
    return "host " + std::string{name.data()} + ", process " + std::to_string(::getpid());
}

}  // namespace

asio::awaitable<lease_attempt> take_lease(cf::quota_store_options store, std::string name,
                                          std::chrono::milliseconds wait) {
    auto const deadline = clock::now() + wait;
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (bool is_told = false;;) {
        auto taking = cf::take_leader_lease(store, name, this_process());
        auto const came = co_await std::move(taking);
        lease_attempt made;
        if (came && came->lease) {
            made.lease = came->lease;
            co_return made;
        }
        if (came) {
            made.failure = "another sync of this list and owner is running, " + came->holder;
        } else {
            made.failure = "no lease on this list and owner from " + store.describe() + ": " +
                           came.error().detail();
        }
        if (clock::now() + attempt_pause > deadline) co_return made;
        if (came && !std::exchange(is_told, true)) {
            complain("waiting for another sync of this list and owner, " + came->holder);
        }
        timer.expires_after(attempt_pause);
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            made.failure = "cancelled while waiting for the lease on this list and owner";
            co_return made;
        }
    }
}

fenced_journal::fenced_journal(std::shared_ptr<cf::leader_lease> lease,
                               std::shared_ptr<cf::email_security::journal_sink> to)
    : lease_{std::move(lease)}, to_{std::move(to)} {}

cf::result<void> fenced_journal::check() const {
    if (lease_->is_held()) return {};
    return cf::error{cf::errc::journal_failed,
                     "the lease on this list and owner, number " +
                         std::to_string(lease_->number()) +
                         ", could not be renewed: another host may be at work"};
}

cf::result<void> fenced_journal::append(std::string_view lines) {
    if (auto held = check(); !held) return held;
    return to_ ? to_->append(lines) : cf::result<void>{};
}

cf::result<void> fenced_journal::flush() {
    if (auto held = check(); !held) return held;
    return to_ ? to_->flush() : cf::result<void>{};
}

}  // namespace cfes
