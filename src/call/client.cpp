#include "call/client_core.hpp"
#include "call/request_check.hpp"
#include "call/send_call.hpp"
#include "http/origin.hpp"
#include "http/pool.hpp"
#include "quota/time.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/detail/invoke.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

namespace {

void require(bool holds, char const* rule) {
    if (!holds) throw exception{error{errc::invalid_argument, rule}};
}

void validate(client_options const& options) {
    using std::chrono::milliseconds;
    constexpr milliseconds zero{0};
    require(!options.credentials().empty(),
            "no credentials: set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and "
            "CLOUDFLARE_API_KEY, or give them in the options");
    require(options.timeout() > zero, "timeout must be positive");
    auto const printable = [](char c) { return c >= ' ' && c <= '~'; };
    auto const& agent = options.user_agent();
    require(std::all_of(agent.begin(), agent.end(), printable), "user_agent must be printable");

    auto const& retry = options.retry();
    require(retry.max_retries() >= 0, "max_retries must not be negative");
    require(retry.budget() >= 0, "the retry budget must not be negative");
    require(retry.backoff_base() >= zero && retry.backoff_cap() >= retry.backoff_base(),
            "backoff must not be negative, nor its cap less than its base");

    auto const& pool = options.pool();
    require(pool.max_connections() >= 1, "max_connections must be at least 1");
    require(pool.connect_timeout() > zero && pool.exchange_timeout() > zero,
            "connect_timeout and exchange_timeout must be positive");
    require(pool.idle_timeout() >= zero && pool.max_lifetime() >= zero,
            "idle_timeout and max_lifetime must not be negative");
    require(pool.max_header_size() >= 1024 && pool.max_body_size() >= 1024,
            "max_header_size and max_body_size must be at least 1024 bytes");

    auto const& rate = options.rate_limit();
    require(rate.quota() == 0 || rate.window() > zero, "the quota's window must be positive");
    require(rate.reserve() >= 0 && rate.reserve() < 1, "reserve must be at least 0 and below 1");
}

client_options validated(client_options options) {
    validate(options);
    return options;
}

}  // namespace

client_core::client_core(asio::any_io_executor the_executor, client_options the_options)
    : executor{std::move(the_executor)},
      options{validated(std::move(the_options))},
      telemetry{std::make_shared<cloudflare::telemetry>(options.on_event())},
      limiter{options.rate_limiter() ? options.rate_limiter()
                                     : make_rate_limiter(options.rate_limit())} {}

call_in_flight::call_in_flight(client_core& core) : core_{core} {
    ++core_.calls_in_flight;
    if (core_.closed) {
        leave();
    } else {
        number_ = ++core_.calls_begun;
    }
}

call_in_flight::~call_in_flight() {
    if (number_ != 0) leave();
}

void call_in_flight::leave() {
    if (--core_.calls_in_flight > 0 || !core_.closed) return;
    std::lock_guard const lock{core_.mutex};
    for (auto const& each : core_.drained) {
        if (auto const waiting = each.lock()) waiting->wake();
    }
}

client::client(asio::any_io_executor executor, client_options options)
    : core_{std::make_shared<client_core>(std::move(executor), std::move(options))} {
    auto to = http::parse_base_url(core_->options.base_url());
    core_->sender = std::make_shared<http::pool>(core_->executor, core_->options,
                                                 std::move(to).value(), core_->telemetry);
}

client::client(asio::any_io_executor executor, client_options options,
               std::shared_ptr<transport> transport)
    : core_{std::make_shared<client_core>(std::move(executor), std::move(options))} {
    require(transport != nullptr, "the transport is null");
    core_->sender = make_sender(std::move(transport), core_->cut_off.get_token());
}

namespace {

/// A request of the caller's own.
class owned_request final : public detail::pending_request {
public:
    using value_type = void;

    owned_request(cloudflare::client with, request message, reply into)
        : client_{std::move(with)},
          message_{std::move(message)},
          account_{message_.account},
          into_{into} {}

    cloudflare::client const& client() const noexcept { return client_; }
    result<void> check() const { return {}; }
    operation what() const override { return message_.operation; }
    std::string_view account() const override {
        return account_ ? std::string_view{*account_} : std::string_view{};
    }
    std::optional<error> refusal() const override { return check_request(message_); }
    result<request> make_request() override { return std::move(message_); }
    reply where_to() override { return into_; }
    result<void> take() const { return {}; }

private:
    cloudflare::client client_;
    request message_;
    std::shared_ptr<std::string const> account_;
    reply into_;
};

}  // namespace

asio::awaitable<result<void>> client::send(request message, call_options options,
                                           reply into) const {
    return detail::start_call(owned_request{*this, std::move(message), into}, std::move(options));
}

task<result<void>> client::send_in_place(pending_request& what, call_options const& options) const {
    return call::send_call(core_, what, options);
}

namespace {

asio::awaitable<void> close_core(std::shared_ptr<client_core> core,
                                 std::chrono::milliseconds drain) {
    using clock = std::chrono::steady_clock;
    // Cancelled, it waits no longer, but what it has to do is done.
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const drained = std::make_shared<waiter>(co_await asio::this_coro::executor, core->mutex);
    {
        std::lock_guard const lock{core->mutex};
        core->closed = true;
        core->drained.push_back(drained);
        if (core->calls_in_flight == 0) drained->wake();
    }
    boost::system::error_code ec;
    co_await drained->async_wait(quota::after(clock::now(), drain),
                                 asio::redirect_error(asio::use_awaitable, ec));
    core->cut_off.request_stop();
    core->limiter.wake_all();
    // A transport of the user's may throw, or not return: then it is left behind.
    asio::any_io_executor const executor = co_await asio::this_coro::executor;
    auto const closed = std::make_shared<waiter>(executor, core->mutex);
    asio::co_spawn(executor, core->sender->close(clock::now()), [core, closed](std::exception_ptr) {
        std::lock_guard const lock{core->mutex};
        closed->wake();
    });
    auto const patience = clock::now() + std::chrono::seconds{1};
    co_await closed->async_wait(patience, asio::redirect_error(asio::use_awaitable, ec));
    // What was cut off ends at once, but on executors of its own.
    co_await drained->async_wait(patience, asio::redirect_error(asio::use_awaitable, ec));
    co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace

asio::awaitable<void> client::close(std::chrono::milliseconds drain) const {
    return close_core(core_, drain);
}

metrics client::metrics() const noexcept {
    auto const& counters = *core_->telemetry;
    auto const read = [](std::atomic<std::uint64_t> const& counter) {
        return counter.load(std::memory_order_relaxed);
    };
    cloudflare::metrics now;
    now.calls = read(counters.calls);
    now.failures = read(counters.failures);
    now.requests = read(counters.requests);
    now.retries = read(counters.retries);
    now.throttled = read(counters.throttled);
    now.rate_limited = read(counters.rate_limited);
    now.connections_opened = read(counters.connections_opened);
    now.connections_resumed = read(counters.connections_resumed);
    now.connections_reused = read(counters.connections_reused);
    now.bytes_sent = read(counters.bytes_sent);
    now.bytes_received = read(counters.bytes_received);
    return now;
}

quota_snapshot client::quota() const {
    return core_->limiter.snapshot();
}

client_options const& client::options() const noexcept {
    return core_->options;
}

asio::any_io_executor client::get_executor() const noexcept {
    return core_->executor;
}

}  // namespace cloudflare::inline v0
