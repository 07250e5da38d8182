#pragma once

#include <cloudflare/call_options.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/result.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace cloudflare::inline v0 {

class ticket_queue;

/// What the limiter assumes until the server's answers say better.
class rate_limit_options {
public:
    rate_limit_options() noexcept {}

    /// Requests in a window. Default: 1200 in 300 s, Cloudflare's for a user over all clients and
    /// the dashboard. 0 requests: no limit of any kind.
    rate_limit_options& quota(std::uint64_t requests, std::chrono::milliseconds window) {
        quota_ = requests;
        window_ = window;
        return *this;
    }
    /// The share of the quota that is left to others; default 0.01, rounded down to whole requests.
    rate_limit_options& reserve(double share) {
        reserve_ = share;
        return *this;
    }
    /// Requests in any second; default 200, Cloudflare's for an IP address. 0 lifts it.
    rate_limit_options& per_second(std::uint64_t requests) {
        per_second_ = requests;
        return *this;
    }
    /// No limit at all, also not what the server's headers say; 429 is still obeyed by retrying.
    static rate_limit_options unlimited() {
        return rate_limit_options{}.quota(0, std::chrono::milliseconds{0});
    }

    std::uint64_t quota() const noexcept { return quota_; }
    std::chrono::milliseconds window() const noexcept { return window_; }
    double reserve() const noexcept { return reserve_; }
    std::uint64_t per_second() const noexcept { return per_second_; }

private:
    std::uint64_t quota_ = 1200;
    std::chrono::milliseconds window_ = std::chrono::seconds{300};
    double reserve_ = 0.01;
    std::uint64_t per_second_ = 200;
};

/// What a grant is asked for.
struct grant_request {
    grant_request() noexcept {}
    /// For this operation.
    explicit grant_request(cloudflare::operation what, std::string_view on_account = {},
                           call_priority with = call_priority::normal) noexcept
        : operation{what}, account{on_account}, priority{with} {}

    cloudflare::operation operation;  ///< what is to be sent
    std::string_view account;  ///< its identifier; empty when the request is on none
    call_priority priority = call_priority::normal;  ///< of the call
};

/// What an attempt's answer said about the quota; views into the answer's header.
struct rate_limit_report {
    unsigned status = 0;  ///< 0: no answer
    bool sent = true;     ///< false: no byte of the request was sent
    std::string_view ratelimit;                            ///< `Ratelimit`
    std::string_view ratelimit_policy;                     ///< `Ratelimit-Policy`
    std::optional<std::chrono::milliseconds> retry_after;  ///< as the server asked
};

/// What is known of the quota.
struct quota_snapshot {
    std::uint64_t limit = 0;                  ///< requests in a window; 0: unlimited
    std::chrono::milliseconds window{};       ///< how long a window is
    std::uint64_t remaining = 0;              ///< a lower bound
    std::chrono::milliseconds resets_in{};    ///< until the window ends
    std::chrono::milliseconds blocked_for{};  ///< until a 429's time has passed
    std::uint64_t waiting = 0;                ///< attempts in the queue
};

/// Decides when an attempt may be sent. One object may serve several clients: those of one user
/// should share it, as the quota is the user's. Derive from it to share a quota over processes.
///
/// Every member may be called from any thread. What a member throws fails the call that it was
/// called for, with `errc::quota_unavailable`, and nothing else.
class rate_limiter {
public:
    virtual ~rate_limiter() = default;

    /// Grants an attempt at once, or not. Each grant is ended by one call of `observe`.
    virtual bool try_acquire(grant_request const& request) = 0;
    /// Waits for a grant, in the order of `call_priority`. `request.account` is valid until this
    /// has ended. Fails with `errc::rate_limited` as soon as it
    /// is known that none will come before the deadline (who stands behind another that waits on
    /// may learn it only at the deadline), with `errc::timed_out` at the deadline when it was not
    /// known by then what the quota allows, with `errc::closed` when `stop` is requested, and with
    /// `errc::cancelled` when cancelled (all types). None of these leaves a hole.
    virtual boost::asio::awaitable<result<void>> acquire(
        grant_request request, std::chrono::steady_clock::time_point deadline,
        std::stop_token stop) = 0;
    /// Ends a grant, with what the answer said.
    virtual void observe(rate_limit_report const& report) = 0;

    /// What is known of the quota.
    virtual quota_snapshot snapshot() const = 0;

private:
    friend class limiter_handle;

    /// The queue of a limiter of the library's own, in which calls wait without a coroutine.
    virtual ticket_queue* queue() noexcept { return nullptr; }
};

/// The limiter that every client makes for itself unless it is given one.
CLOUDFLARE_EXPORT std::shared_ptr<rate_limiter> make_rate_limiter(rate_limit_options options = {});

}  // namespace cloudflare::inline v0
