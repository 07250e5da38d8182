#include "rate_limiter.hpp"

#include "policy/rate_limiter.hpp"
#include "policy/response_headers.hpp"
#include "waiter.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cloudflare {

namespace asio = boost::asio;

namespace {

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
        auto& root = co_await this_root{};
        place_in_queue place{*this, root.executor};
        auto const wake = [&place, this] {
            std::lock_guard const lock{mutex_};
            place.waits.wake();
        };
        std::stop_callback const on_stop{stop, wake};
        for (;;) {
            auto const now = clock::now();
            auto until = deadline;
            {
                std::lock_guard const lock{mutex_};
                grant_to_waiters(now);
                if (place.is_granted) {
                    place.is_taken = true;
                    co_return result<void>{};
                }
                if (stop.stop_requested()) co_return error{errc::closed, "the client was closed"};
                // Nobody behind the first is served before it.
                if (next_grant_ > deadline && next_grant_ != clock::time_point::max()) {
                    co_return out_of_reach(now);
                }
                if (now >= deadline) co_return out_of_reach(now);
                if (queue_.front() == &place) until = std::min(deadline, next_grant_);
            }
            auto const ec = co_await place.waits.wait(until);
            std::lock_guard const lock{mutex_};
            if (ec == asio::error::operation_aborted && !place.waits.is_woken()) {
                co_return error{errc::cancelled, "while waiting for the quota"};
            }
            // Also when the wait had ended by itself already: else all further ones end at once.
            place.waits.reset();
        }
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
        if (!queue_.empty()) queue_.front()->waits.wake();
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
    /// Stands in the queue while it exists; a grant that was not taken is given back.
    struct place_in_queue {
        place_in_queue(local_rate_limiter& the_owner, asio::any_io_executor const& executor)
            : owner{the_owner}, waits{executor, the_owner.mutex_} {
            std::lock_guard const lock{owner.mutex_};
            position = owner.queue_.insert(owner.queue_.end(), this);
        }
        ~place_in_queue() {
            std::lock_guard const lock{owner.mutex_};
            if (is_taken) return;
            if (is_granted) {
                owner.policy_->abandon(clock::now(), false);
                if (!owner.queue_.empty()) owner.queue_.front()->waits.wake();
                return;
            }
            auto const was_first = owner.queue_.front() == this;
            owner.queue_.erase(position);
            if (was_first && !owner.queue_.empty()) owner.queue_.front()->waits.wake();
        }
        place_in_queue(place_in_queue const&) = delete;
        place_in_queue& operator=(place_in_queue const&) = delete;

        local_rate_limiter& owner;
        waiter waits;
        std::list<place_in_queue*>::iterator position;
        bool is_granted = false;
        bool is_taken = false;
    };

    /// The caller holds the mutex.
    void grant_to_waiters(clock::time_point now) {
        next_grant_ = clock::time_point::min();
        for (bool is_first_new = false; !queue_.empty(); is_first_new = true) {
            next_grant_ = policy_->take(now);
            if (next_grant_ > now) {
                // It waits for its deadline still, and not for its turn.
                if (is_first_new) queue_.front()->waits.wake();
                return;
            }
            auto& first = *queue_.front();
            queue_.pop_front();
            first.is_granted = true;
            first.waits.wake();
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
    std::list<place_in_queue*> queue_;
    clock::time_point next_grant_;
};

}  // namespace

task<result<void>> acquire(rate_limiter& limiter, clock::time_point deadline,
                           std::stop_token stop) {
    auto* const local = dynamic_cast<local_rate_limiter*>(&limiter);
    return local ? local->wait(deadline, std::move(stop))
                 : from_awaitable(limiter.acquire(deadline, std::move(stop)));
}

std::shared_ptr<rate_limiter> make_rate_limiter(rate_limit_options options) {
    return std::make_shared<local_rate_limiter>(options);
}

}  // namespace cloudflare
