#include "quota/limiter_rules.hpp"
#include "quota/response_headers.hpp"
#include "quota/ticket_queue.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

/// A queue in front of `quota::rate_limiter`, which decides. Unlimited, there is none.
class local_rate_limiter final : public rate_limiter, public ticket_queue {
public:
    explicit local_rate_limiter(rate_limit_options const& options)
        : unlimited_{options.quota() == 0} {
        quota::rate_policy known;
        known.quota = options.quota();
        known.window = options.window();
        known.reserve = options.reserve();
        known.per_second = options.per_second();
        policy_.emplace(known);
    }

    bool try_acquire(grant_request const&) override {
        if (unlimited_) return true;
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        return is_empty() && policy_->take(now) <= now;
    }

    asio::awaitable<result<void>> acquire(grant_request request, clock::time_point deadline,
                                          std::stop_token stop) override {
        return run(wait(request.priority, deadline, std::move(stop)));
    }

    void observe(rate_limit_report const& report) override {
        if (unlimited_) return;
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        seen_.status = report.status;
        quota::parse_ratelimit_into(report.ratelimit, seen_.limits);
        seen_.retry_after = report.retry_after;
        // Almost always the same as in the answer before.
        if (policy_text_ != report.ratelimit_policy) {
            policy_text_ = report.ratelimit_policy;
            seen_.policies = quota::parse_ratelimit_policy(policy_text_);
        }
        if (report.status == 0) {
            policy_->abandon(now, report.sent);
        } else {
            policy_->observe(seen_, now);
        }
        grant(now);
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
        view.waiting = size();
        return view;
    }

private:
    ticket_queue* queue() noexcept override { return this; }

    time_point take(time_point now) override { return policy_->take(now); }
    void give_back(time_point now) override { policy_->abandon(now, false); }
    quota_wait why(time_point now, std::size_t ahead) override {
        quota_wait wait;
        auto const reason = policy_->why();
        wait.reason = quota::to_string(reason);
        wait.delay = policy_->expected_wait(now, ahead);
        wait.is_brief = reason == quota::wait_reason::first_answer;
        return wait;
    }

    bool const unlimited_;
    std::optional<quota::rate_limiter> policy_;
    quota::observed seen_;     // in the latest answer
    std::string policy_text_;  // that `seen_.policies` was read from
};

std::shared_ptr<rate_limiter> make_rate_limiter(rate_limit_options options) {
    return std::make_shared<local_rate_limiter>(options);
}

}  // namespace cloudflare::inline v0
