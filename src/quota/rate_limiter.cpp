#include "quota/rate_limiter.hpp"

#include "quota/limiter_rules.hpp"
#include "quota/response_headers.hpp"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cloudflare {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

/// The queue in front of `policy::rate_limiter`, which decides. Unlimited, there is none.
class local_rate_limiter final : public rate_limiter {
public:
    explicit local_rate_limiter(rate_limit_options const& options)
        : unlimited_{options.quota() == 0} {
        policy::rate_policy known;
        known.quota = options.quota();
        known.window = options.window();
        known.reserve = options.reserve();
        known.per_second = options.per_second();
        policy_.emplace(known);
    }

    bool try_acquire() override {
        if (unlimited_) return true;
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        return queue_.empty() && policy_->take(now) <= now;
    }

    asio::awaitable<result<void>> acquire(clock::time_point deadline,
                                          std::stop_token stop) override {
        return run(wait(deadline, std::move(stop)));
    }

    task<result<void>> wait(clock::time_point deadline, std::stop_token stop) {
        auto const& root = co_await this_root{};
        quota_ticket place{*this, root.executor};
        std::stop_callback const on_stop{stop, [&place] { place.wake(); }};
        while (auto const until = place.look(deadline, stop)) {
            auto const ec = co_await place.wait(*until);
            place.waited(ec);
        }
        co_return place.came_to();
    }

    void wake_all() {
        std::lock_guard const lock{mutex_};
        for (auto& each : queue_) each.waits_.wake();
    }

    void observe(rate_limit_report const& report) override {
        if (unlimited_) return;
        auto limits = policy::parse_ratelimit(report.ratelimit);
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        seen_.status = report.status;
        seen_.limits = std::move(limits);
        seen_.retry_after = report.retry_after;
        // Almost always the same as in the answer before.
        if (policy_text_ != report.ratelimit_policy) {
            policy_text_ = report.ratelimit_policy;
            seen_.policies = policy::parse_ratelimit_policy(policy_text_);
        }
        if (report.status == 0) {
            policy_->abandon(now, report.sent);
        } else {
            policy_->observe(seen_, now);
        }
        grant_to_waiters(now);
        // What was learnt may change when the first one's turn is, or that it never comes.
        wake_first();
    }

    quota_snapshot snapshot() const override {
        quota_snapshot view;
        if (unlimited_) return view;
        auto const now = clock::now();
        auto const until = [now](std::optional<clock::time_point> when) {
            return when ? std::chrono::ceil<std::chrono::milliseconds>(std::max(*when, now) - now)
                        : std::chrono::milliseconds{0};
        };
        std::lock_guard const lock{mutex_};
        auto const known = policy_->snapshot(now);
        view.limit = known.limit;
        view.window = std::chrono::ceil<std::chrono::milliseconds>(known.window);
        view.remaining = known.remaining.value_or(0);
        view.resets_in = until(known.window_end);
        view.blocked_for = until(known.gate_end);
        view.waiting = queue_.size();
        return view;
    }

private:
    friend class quota_ticket;

    /// The caller holds the mutex.
    void wake_first() {
        if (!queue_.empty()) queue_.front().waits_.wake();
    }

    /// The caller holds the mutex.
    void grant_to_waiters(clock::time_point now) {
        next_grant_ = clock::time_point::min();
        for (bool is_first_new = false; !queue_.empty(); is_first_new = true) {
            next_grant_ = policy_->take(now);
            if (next_grant_ > now) {
                // It waits for its deadline still, and not for its turn.
                if (is_first_new) wake_first();
                return;
            }
            auto& first = queue_.front();
            queue_.pop_front();
            first.is_granted_ = true;
            first.waits_.wake();
        }
    }

    /// The caller holds the mutex.
    error out_of_reach(clock::time_point now) const {
        auto failure = error{errc::rate_limited, "the quota allows no request before the deadline"};
        if (next_grant_ > now && next_grant_ != clock::time_point::max()) {
            failure.retry_after(std::chrono::ceil<std::chrono::milliseconds>(next_grant_ - now));
        }
        return failure;
    }

    bool const unlimited_;
    std::mutex mutable mutex_;
    std::optional<policy::rate_limiter> policy_;
    policy::observed seen_;    // in the latest answer
    std::string policy_text_;  // that `seen_.policies` was read from
    boost::intrusive::list<quota_ticket> queue_;
    clock::time_point next_grant_;
};

local_rate_limiter* as_local(rate_limiter& limiter) noexcept {
    return dynamic_cast<local_rate_limiter*>(&limiter);
}

quota_ticket::quota_ticket(local_rate_limiter& limiter, asio::any_io_executor const& executor)
    : limiter_{limiter}, waits_{executor, limiter.mutex_} {
    std::lock_guard const lock{limiter_.mutex_};
    limiter_.queue_.push_back(*this);
}

quota_ticket::~quota_ticket() {
    std::lock_guard const lock{limiter_.mutex_};
    if (is_taken_) return;
    if (is_granted_) {
        limiter_.policy_->abandon(clock::now(), false);
        limiter_.wake_first();
        return;
    }
    auto const was_first = &limiter_.queue_.front() == this;
    limiter_.queue_.erase(limiter_.queue_.iterator_to(*this));
    if (was_first) limiter_.wake_first();
}

std::optional<clock::time_point> quota_ticket::look(clock::time_point deadline,
                                                    std::stop_token const& stop) {
    auto const now = clock::now();
    std::lock_guard const lock{limiter_.mutex_};
    if (is_cancelled_) {
        came_to_ = error{errc::cancelled, "while waiting for the quota"};
        return std::nullopt;
    }
    limiter_.grant_to_waiters(now);
    auto const next = limiter_.next_grant_;
    if (is_granted_) {
        is_taken_ = true;
    } else if (stop.stop_requested()) {
        came_to_ = error{errc::closed, "the client was closed"};
    } else if (now >= deadline || (next > deadline && next != clock::time_point::max())) {
        // Nobody behind the first is served before it.
        came_to_ = limiter_.out_of_reach(now);
    } else {
        return &limiter_.queue_.front() == this ? std::min(deadline, next) : deadline;
    }
    return std::nullopt;
}

void quota_ticket::wake() {
    std::lock_guard const lock{limiter_.mutex_};
    waits_.wake();
}

void quota_ticket::waited(boost::system::error_code ec) {
    std::lock_guard const lock{limiter_.mutex_};
    is_cancelled_ = ec == asio::error::operation_aborted && !waits_.is_woken();
    // Also when the wait had ended by itself already: else all further ones end at once.
    waits_.reset();
}

task<result<void>> acquire(rate_limiter& limiter, clock::time_point deadline,
                           std::stop_token stop) {
    auto* const local = as_local(limiter);
    return local ? local->wait(deadline, std::move(stop))
                 : from_awaitable(limiter.acquire(deadline, std::move(stop)));
}

void wake_all(rate_limiter& limiter) {
    if (auto* const local = as_local(limiter)) local->wake_all();
}

std::shared_ptr<rate_limiter> make_rate_limiter(rate_limit_options options) {
    return std::make_shared<local_rate_limiter>(options);
}

}  // namespace cloudflare
