#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/rate_limiter.hpp>
#include <cloudflare/ratelimit_fields.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace cloudflare::inline v0 {

/// Requests that may be sent, as the quota's keeper says.
struct quota_lease {
    quota_lease() noexcept {}
    /// So many requests until then.
    quota_lease(std::uint64_t how_many, std::chrono::steady_clock::time_point ends) noexcept
        : requests{how_many}, until{ends} {}

    std::uint64_t requests = 0;  ///< 0: none at present
    /// When the lease ends: what is unused by then is not used any more. Of none: when to ask
    /// again, but not within a tenth of a second.
    std::chrono::steady_clock::time_point until{};
    /// Others wait for what the answers will say: the first one is reported at once.
    bool is_probe = false;
};

/// What the answers said since the report before.
struct quota_report {
    std::uint64_t answers = 0;   ///< attempts that the server may have counted
    std::uint64_t numbered = 0;  ///< of which the answer had a `Ratelimit`
    std::uint64_t silent = 0;    ///< of which the answer had none
    /// Of each quota that `Ratelimit` named, what the answer that left least of it said; its reset
    /// is the earliest, counted from when the report is made.
    std::vector<ratelimit_item> limits;
    std::vector<ratelimit_policy_item> policies;             ///< of the latest answer that had any
    bool refused = false;                                    ///< an answer was a 429
    std::optional<std::chrono::milliseconds> retry_after{};  ///< the longest that was asked for

    /// Puts what later answers said to it. Resets must be counted from the same moment.
    CLOUDFLARE_EXPORT void add(quota_report const& later);
};

/// What a limiter's keeper of the quota has not been told yet.
struct unreported_quota {
    quota_report report;          ///< `answers` is 0: nothing was answered
    std::uint64_t unused = 0;     ///< of leases, to be given back
    std::uint64_t in_flight = 0;  ///< requests that are granted and not answered
};

/// How a `leasing_rate_limiter` deals with the quota's keeper.
class leasing_options {
public:
    leasing_options() noexcept {}

    /// Requests to ask for at once, at least; more are asked for when more calls wait. Default 50,
    /// at least 1.
    leasing_options& batch(std::uint64_t requests) {
        batch_ = requests;
        return *this;
    }
    /// Requests to ask for at once, at most; default 1000.
    leasing_options& largest_batch(std::uint64_t requests) {
        largest_batch_ = requests;
        return *this;
    }
    /// How often is reported, at most, and after how long without a grant what is left of a lease
    /// is given back; default 1 s. A 429 is reported at once.
    leasing_options& interval(std::chrono::milliseconds value) {
        interval_ = value;
        return *this;
    }
    /// How long a lease may take, and how long a report holds the next one up; default 5 s.
    leasing_options& timeout(std::chrono::milliseconds value) {
        timeout_ = value;
        return *this;
    }

    std::uint64_t batch() const noexcept { return batch_; }
    std::uint64_t largest_batch() const noexcept { return largest_batch_; }
    std::chrono::milliseconds interval() const noexcept { return interval_; }
    std::chrono::milliseconds timeout() const noexcept { return timeout_; }

private:
    std::uint64_t batch_ = 50;
    std::uint64_t largest_batch_ = 1000;
    std::chrono::milliseconds interval_ = std::chrono::seconds{1};
    std::chrono::milliseconds timeout_ = std::chrono::seconds{5};
};

/// The base of limiters whose quota is kept elsewhere, for all processes of a fleet: in a store, or
/// by a service. Who derives from it says how requests are leased there, and receives what answers
/// said; the queue, its order, cancellation, closing and waiting to a deadline are done here. Make
/// it with `std::make_shared`.
///
///     class of_the_fleet : public cloudflare::leasing_rate_limiter {
///         asio::awaitable<result<quota_lease>> lease(std::uint64_t wanted) override {
///             auto const got = co_await store_.reserve(wanted);
///             co_return quota_lease{got.requests, std::chrono::steady_clock::now() +
///             got.lifetime};
///         }
///         …
///     };
///
/// One lease is asked for at a time. When it fails, throws, or takes longer than
/// `leasing_options::timeout`, the calls that wait for it fail with `errc::quota_unavailable`, and
/// the next call asks again. Until the time that a 429 names, nothing is granted here.
///
/// The members that are overridden run on the executor and keep the limiter alive: one lease and
/// one report at a time (`flush` and what was left behind apart), but a lease and a report may
/// meet. Like a socket, the limiter must not be used after the executor's context.
class CLOUDFLARE_EXPORT leasing_rate_limiter
    : public rate_limiter,
      public std::enable_shared_from_this<leasing_rate_limiter> {
public:
    /// Runs what is overridden on that executor.
    explicit leasing_rate_limiter(boost::asio::any_io_executor executor,
                                  leasing_options options = {});
    ~leasing_rate_limiter() override;
    leasing_rate_limiter(leasing_rate_limiter const&) = delete;
    leasing_rate_limiter& operator=(leasing_rate_limiter const&) = delete;

    bool try_acquire(grant_request const& request) final;
    boost::asio::awaitable<result<void>> acquire(grant_request request,
                                                 std::chrono::steady_clock::time_point deadline,
                                                 std::stop_token stop) final;
    void observe(rate_limit_report const& report) final;
    /// As far as this process knows: what is left is that of its lease.
    quota_snapshot snapshot() const override;

    /// Reports what is not reported yet, and gives the rest of the lease back: for the end of a
    /// program.
    boost::asio::awaitable<void> flush();

protected:
    /// Leases requests. Fewer than wanted may come, and none. When it takes longer than `timeout`
    /// it is left behind; what it still brings then is given back.
    virtual boost::asio::awaitable<result<quota_lease>> lease(std::uint64_t wanted) = 0;
    /// Takes what answers said. What it throws is ignored; when it takes longer than `timeout`, the
    /// next report is made beside it.
    virtual boost::asio::awaitable<void> report(quota_report what) = 0;
    /// Takes back requests of a lease that will not be used. By default they are lost until their
    /// lease ends. What it throws is ignored.
    virtual boost::asio::awaitable<void> give_back(std::uint64_t unused);

    /// For a keeper that is told, and asked for a lease, by one command: takes what the next
    /// `report` and `give_back` would get, which then do not come. May be called within the three
    /// functions above, from any thread.
    unreported_quota take_unreported();

private:
    class state;

    ticket_queue* queue() noexcept final;

    std::shared_ptr<state> state_;
};

}  // namespace cloudflare::inline v0
