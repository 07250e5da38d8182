#include "quota/limiter_rules.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::policy {
namespace {

// A server has one or two quotas. More names than this come from a broken or hostile one, and are
// not worth memory.
constexpr std::size_t most_quotas = 8;

constexpr duration second = std::chrono::seconds{1};

constexpr unsigned too_many_requests = 429;

rate_policy sane(rate_policy policy) {
    policy.window =
        std::clamp<duration>(policy.window, std::chrono::milliseconds{1}, max_server_wait);
    policy.reserve = policy.reserve > 0 ? std::min(policy.reserve, 1.0) : 0.0;
    return policy;
}

// After a window's end its successor is entered with care: the server's clock and ours, and its
// rounding, differ.
duration margin_of(duration window) {
    return std::min(second, window / 100);
}

// An idle limiter's numbers go stale, as the user's other clients go on.
duration freshness_of(duration window) {
    return std::max(second, window / 30);
}

}  // namespace

void rate_limiter::lost_grants::add(std::uint64_t in_flight) noexcept {
    if (settling == 0) {
        settling = 1;
        answers_needed = in_flight + 1;
    } else {
        ++waiting;
    }
}

void rate_limiter::lost_grants::answered(std::uint64_t in_flight) noexcept {
    if (settling == 0 || --answers_needed > 0) return;
    settling = std::exchange(waiting, 0);
    answers_needed = in_flight + 1;
}

rate_limiter::rate_limiter(rate_policy policy)
    : policy_{sane(policy)}, ended_{policy_.window}, per_second_{second} {
    quotas_.reserve(most_quotas);
}

std::uint64_t rate_limiter::reserve_of(std::uint64_t quota) const noexcept {
    // At least one request a window can be had, else nothing could ever be sent.
    auto const share = static_cast<std::uint64_t>(static_cast<double>(quota) * policy_.reserve);
    return quota == 0 ? 0 : std::min(share, quota - 1);
}

// What is surely left of a window, the reserve included.
std::uint64_t rate_limiter::spare(quota_window const& quota) const noexcept {
    auto const spent = in_flight_ + quota.lost.count();
    return quota.remaining > spent ? quota.remaining - spent : 0;
}

// When the next window may be probed. Servers round the time that is left down, up, or to the
// nearest second; unless it is up, the window may go on for a second after the end that we were
// told. A probe that comes too early then costs one of what is left, so that it does no harm while
// something is, and the usual margin will do.
time_point rate_limiter::reopens(quota_window const& quota) const noexcept {
    bool const harmless = rounding_ == rounding::up || spare(quota) > 0;
    bool const trusted = harmless && rounding_ != rounding::not_up;
    return quota.end + (trusted ? margin_of(quota.window) : second);
}

bool rate_limiter::over(quota_window const& quota, time_point now) const noexcept {
    return !quota.window_open || now >= reopens(quota);
}

bool rate_limiter::probing(time_point now) const noexcept {
    if (must_probe_) return true;
    if (local_) return false;
    return quotas_.empty() || std::any_of(quotas_.begin(), quotas_.end(),
                                          [&](auto const& quota) { return over(quota, now); });
}

rate_limiter::quota_window* rate_limiter::find(std::string_view name) noexcept {
    auto const found = std::find_if(quotas_.begin(), quotas_.end(),
                                    [&](auto const& quota) { return quota.name == name; });
    return found == quotas_.end() ? nullptr : &*found;
}

time_point rate_limiter::take(time_point now) {
    if (policy_.quota == 0) {
        ++in_flight_;
        return now;
    }
    if (gate_) {
        if (now < *gate_) return *gate_;
        gate_.reset();
    }

    auto when = now;
    if (local_) {
        // Counted by their ends and while in flight, not by their grants: a request reaches the
        // server at any time between the two, and no window there may hold more than the quota.
        if (in_flight_ + ended_.count(now) >= policy_.quota - reserve_of(policy_.quota))
            when = ended_.count(now) > 0 ? ended_.next_expiry(now) : time_point::max();
    } else {
        duration longest{};
        for (auto const& quota : quotas_) {
            longest = std::max(longest, quota.window);
            if (!over(quota, now) && spare(quota) <= reserve_of(quota.quota))
                when = std::max(when, reopens(quota));
        }
        if (in_flight_ == 0 && !quotas_.empty() && !must_probe_ &&
            now - last_told_ >= freshness_of(longest)) {
            must_probe_ = true;
            probes_ = 0;
        }
    }

    bool const probe = probing(now);
    // A slow or lost answer must not stall everything, hence a further probe each second.
    if (probe && probes_ > 0) when = std::max(when, last_probe_ + second);
    if (policy_.per_second > 0 && per_second_.count(now) >= policy_.per_second)
        when = std::max(when, per_second_.next_expiry(now));
    if (when > now) return when;

    if (probe) {
        ++probes_;
        last_probe_ = now;
        if (in_flight_ == 0)
            for (auto& quota : quotas_) quota.drained = quota.drained || over(quota, now);
    }
    if (policy_.per_second > 0) per_second_.add(now);
    ++in_flight_;
    return now;
}

void rate_limiter::observe(observed const& answer, time_point now) {
    if (in_flight_ > 0) --in_flight_;
    if (policy_.quota == 0) return;
    ended_.add(now);

    learn_policies(answer.policies, now);
    if (answer.limits.empty()) {
        learn_without_headers(answer.status, now);
    } else {
        for (auto const& item : answer.limits) {
            auto* quota = find(item.name);
            if (!quota) {
                if (quotas_.size() == most_quotas) continue;
                quota = &quotas_.emplace_back();
                quota->name = item.name;
                quota->quota = policy_.quota;
                quota->window = policy_.window;
                // Now the policies of the same answer have somewhere to go.
                learn_policies(answer.policies, now);
            }
            learn(*quota, item, now);
        }
        learn_absence(answer.limits, now);
        local_ = false;
        last_told_ = now;
    }

    if (answer.status == too_many_requests) {
        close_gate(answer, now);
        return;
    }
    if (!gate_ || now >= *gate_) {
        next_gate_ = {};
        if (local_ || !answer.limits.empty()) must_probe_ = false;
    }
    if (!probing(now)) probes_ = 0;
}

void rate_limiter::learn_policies(ratelimit_policy_list const& policies, time_point now) {
    if (policies.empty()) return;
    // For the case that the server stops telling numbers, one policy that satisfies all.
    auto quota = policies.front().quota;
    auto window = policies.front().window;
    for (auto const& item : policies) {
        quota = std::min(quota, item.quota);
        window = std::max(window, item.window);
        if (auto* known = find(item.name)) {
            known->quota = item.quota;
            known->window = item.window;
            known->window_told = true;
        }
    }
    policy_.quota = std::max<std::uint64_t>(quota, 1);
    if (window != policy_.window) {
        policy_.window = std::max(window, duration{std::chrono::milliseconds{1}});
        auto const counted = ended_.count(now);
        ended_ = sliding_count{policy_.window};
        // When they ended is lost; now is the safe assumption.
        ended_.add(now, counted);
    }
}

void rate_limiter::learn(quota_window& quota, ratelimit_item const& item, time_point now) {
    // Without a policy the window is at least the longest time that was ever left of one.
    if (!quota.window_told)
        quota.window =
            quota.window_open ? std::max(quota.window, item.reset) : std::max(item.reset, second);
    auto const end = now + item.reset;
    auto const half = quota.window / 2;

    // Rounding: nothing is left of the last second of a window only if it was rounded down; and
    // only what is rounded up is a whole window after the window's first request.
    if (item.reset == duration::zero())
        rounding_ = rounding::not_up;
    else if (rounding_ == rounding::unknown && quota.window_told && item.reset >= quota.window &&
             item.remaining + 2 <= quota.quota)
        rounding_ = rounding::up;

    bool const next =
        !quota.window_open || end > quota.end + half || (quota.drained && over(quota, now));
    if (next) {
        quota.window_open = true;
        quota.remaining = item.remaining;
        quota.end = end;
        quota.lost = {};
        quota.drained = false;
        return;
    }
    if (end + half < quota.end) return;  // said in the window before, and overtaken
    quota.remaining = std::min(quota.remaining, item.remaining);
    // Within a window, ends differ by the rounding and the latency. One that differs by much more
    // is likely the window before's: its number is taken, to be safe, but not its end.
    if (end + std::min(second + quota.window / 8, quota.window / 4) >= quota.end)
        quota.end = std::min(quota.end, end);
    quota.lost.answered(in_flight_);
}

void rate_limiter::learn_absence(ratelimit_list const& limits, time_point now) {
    auto const absent = [&](quota_window const& quota) {
        return std::none_of(limits.begin(), limits.end(),
                            [&](auto const& item) { return item.name == quota.name; });
    };
    // A quota that the server no longer speaks of must not be probed for ever.
    std::erase_if(quotas_, [&](auto const& quota) { return over(quota, now) && absent(quota); });
    for (auto& quota : quotas_)
        if (absent(quota)) quota.lost.add(in_flight_);
}

void rate_limiter::learn_without_headers(unsigned status, time_point now) {
    for (auto& quota : quotas_) quota.lost.add(in_flight_);
    // Errors of a gateway say nothing about what the API's own answers carry.
    if (status >= 500 || status == too_many_requests) return;
    duration longest{};
    for (auto const& quota : quotas_) longest = std::max(longest, quota.window);
    if (quotas_.empty() || now - last_told_ > longest) {
        quotas_.clear();
        local_ = true;
    }
}

void rate_limiter::close_gate(observed const& answer, time_point now) {
    must_probe_ = true;
    probes_ = 0;
    for (auto const& item : answer.limits)
        if (item.reset <= second) rounding_ = rounding::not_up;  // it may have been the rounding

    auto opens = now;
    if (answer.retry_after) opens += std::clamp(*answer.retry_after, duration{}, max_server_wait);
    if (opens == now)
        for (auto const& quota : quotas_)
            if (quota.window_open && quota.remaining == 0) opens = std::max(opens, reopens(quota));
    if (opens == now) {
        // The other requests of the same burst are refused too; they tell nothing new.
        if (gate_ && now < *gate_) return;
        duration longest = quotas_.empty() ? policy_.window : duration{};
        for (auto const& quota : quotas_) longest = std::max(longest, quota.window);
        next_gate_ = next_gate_ == duration{} ? second : next_gate_ * 2;
        next_gate_ = std::min(next_gate_, std::max(longest, second));
        opens += next_gate_;
    }
    gate_ = gate_ ? std::max(*gate_, opens) : opens;
}

void rate_limiter::abandon(time_point now, bool sent) {
    if (in_flight_ > 0) --in_flight_;
    if (policy_.quota == 0) return;
    if (!sent) {
        if (probes_ > 0) --probes_;
        return;
    }
    ended_.add(now);
    for (auto& quota : quotas_) quota.lost.add(in_flight_);
}

rate_limiter::quota_window const* rate_limiter::tightest() const noexcept {
    quota_window const* found = nullptr;
    for (auto const& quota : quotas_)
        if (quota.window_open && (!found || spare(quota) < spare(*found))) found = &quota;
    return found;
}

rate_snapshot rate_limiter::snapshot(time_point now) const {
    rate_snapshot view;
    view.limit = policy_.quota;
    view.window = policy_.window;
    view.in_flight = in_flight_;
    if (gate_ && now < *gate_) view.gate_end = gate_;
    if (auto const* quota = tightest()) {
        view.limit = quota->quota;
        view.window = quota->window;
        if (!over(*quota, now)) {
            view.remaining = spare(*quota);
            view.window_end = quota->end;
        }
    }
    return view;
}

}  // namespace cloudflare::policy
