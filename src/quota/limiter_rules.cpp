#include "quota/limiter_rules.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::quota {
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

std::string_view to_string(wait_reason why) noexcept {
    switch (why) {
        case wait_reason::first_answer:
            return "first_answer";
        case wait_reason::used_up:
            return "used_up";
        case wait_reason::per_second:
            return "per_second";
        case wait_reason::refused:
            return "refused";
        case wait_reason::none:  // others go first
            break;
    }
    return "queue";
}

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

rate_limiter::rate_limiter(rate_policy policy) : policy_{sane(policy)}, per_second_{second} {
    counted_.push_back({{}, policy_.quota, policy_.window, true, sliding_count{policy_.window}});
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

// Requests are counted by their ends and while in flight, not by their grants: one reaches the
// server at any time between the two, and no window there may hold more than the quota.
bool rate_limiter::is_full(counted_quota& counted, time_point now) const noexcept {
    return in_flight_ + counted.ended.count(now) >= counted.quota - reserve_of(counted.quota);
}

rate_limiter::counted_quota const& rate_limiter::smallest() const noexcept {
    return *std::min_element(counted_.begin(), counted_.end(),
                             [](auto const& a, auto const& b) { return a.quota < b.quota; });
}

duration rate_limiter::longest_window() const noexcept {
    duration longest{};
    for (auto const& quota : quotas_) longest = std::max(longest, quota.window);
    if (!quotas_.empty()) return longest;
    for (auto const& counted : counted_) longest = std::max(longest, counted.window);
    return longest;
}

void rate_limiter::wait_until(time_point when, wait_reason why) noexcept {
    if (when <= when_) return;
    when_ = when;
    why_ = why;
}

// What has ended by now was counted in windows that are over.
void rate_limiter::count_windows_anew(time_point now) {
    for (auto& quota : quotas_) {
        if (!over(quota, now)) continue;
        if (in_flight_ == 0) quota.drained = true;
        if (std::exchange(quota.counted_anew, true)) continue;
        for (auto& counted : counted_) {
            auto const is_same =
                counted.name == quota.name || (counted_.size() == 1 && quotas_.size() == 1);
            if (is_same) counted.ended = sliding_count{counted.window};
        }
    }
}

time_point rate_limiter::take(time_point now) {
    when_ = now;
    why_ = wait_reason::none;
    if (policy_.quota == 0) {
        ++in_flight_;
        return now;
    }
    if (gate_) {
        if (now < *gate_) {
            wait_until(*gate_, wait_reason::refused);
            return when_;
        }
        gate_.reset();
    }

    for (auto& counted : counted_) {
        // While answers tell nothing, what is counted is all there is to go by.
        if (!(counted.is_in_force || probes_allowed_ > 1) || !is_full(counted, now)) continue;
        auto const known = counted.ended.count(now) > 0;
        wait_until(known ? counted.ended.next_expiry(now) : time_point::max(),
                   wait_reason::used_up);
    }
    for (auto const& quota : quotas_) {
        if (!over(quota, now) && spare(quota) <= reserve_of(quota.quota))
            wait_until(reopens(quota), wait_reason::used_up);
    }
    if (in_flight_ == 0 && !quotas_.empty() && !must_probe_ &&
        now - last_heard_ >= freshness_of(longest_window())) {
        must_probe_ = true;
        probes_ = 0;
        probes_allowed_ = 1;
    }

    bool const probe = probing(now);
    // A slow or lost answer must not stall everything, hence a further probe each second.
    if (probe && probes_ >= probes_allowed_)
        wait_until(last_probe_ + second, wait_reason::first_answer);
    if (policy_.per_second > 0 && per_second_.count(now) >= policy_.per_second)
        wait_until(per_second_.next_expiry(now), wait_reason::per_second);
    if (when_ > now) return when_;

    if (probe) {
        count_windows_anew(now);
        ++probes_;
        last_probe_ = now;
    }
    if (policy_.per_second > 0) per_second_.add(now);
    ++in_flight_;
    return now;
}

duration rate_limiter::expected_wait(time_point now, std::uint64_t ahead) const noexcept {
    if (when_ == time_point::max() || when_ <= now) return {};
    auto wait = when_ - now;
    // Whole windows go to those ahead, and in each so many a second.
    auto const* const known = tightest();
    auto const quota = known ? known->quota : smallest().quota;
    auto const window = known ? known->window : smallest().window;
    auto const in_one = std::max<std::uint64_t>(quota - reserve_of(quota), 1);
    constexpr std::uint64_t most = 1'000'000;
    ahead = std::min(ahead, most);
    wait += window * static_cast<std::int64_t>(ahead / in_one);
    if (policy_.per_second > 0)
        wait += second * static_cast<std::int64_t>(ahead % in_one / policy_.per_second);
    return wait;
}

void rate_limiter::observe(observed const& answer, time_point now) {
    if (in_flight_ > 0) --in_flight_;
    if (policy_.quota == 0) return;
    for (auto& counted : counted_) counted.ended.add(now);

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
                learn_policy(*quota);
                choose_those_in_force();
            }
            learn(*quota, item, now);
        }
        learn_absence(answer.limits, now);
        local_ = false;
        last_heard_ = now;
    }

    if (answer.status == too_many_requests) {
        close_gate(answer, now);
        return;
    }
    if (!gate_ || now >= *gate_) {
        next_gate_ = {};
        if (local_ || !answer.limits.empty()) must_probe_ = false;
    }
    if (!probing(now)) {
        probes_ = 0;
        probes_allowed_ = 1;
    } else if (answer.limits.empty()) {
        probes_allowed_ += 2;
    }
}

// Where the server tells numbers they are obeyed, and beside them each policy that it tells no
// number of.
void rate_limiter::choose_those_in_force() noexcept {
    for (auto& counted : counted_)
        counted.is_in_force = quotas_.empty() || (!policies_.empty() && !find(counted.name));
}

void rate_limiter::learn_policy(quota_window& quota) const {
    for (auto const& item : policies_) {
        if (item.name != quota.name) continue;
        quota.quota = item.quota;
        quota.window = item.window;
        quota.window_known = true;
    }
}

void rate_limiter::learn_policies(ratelimit_policy_list const& policies, time_point now) {
    if (policies.empty() || policies == policies_) return;
    policies_ = policies;
    if (policies_.size() > most_quotas) policies_.resize(most_quotas);
    for (auto& quota : quotas_) learn_policy(quota);

    // Where a quota was not counted before, when its requests ended is lost; that all of them ended
    // now is the safe assumption.
    std::uint64_t most_counted = 0;
    for (auto& counted : counted_) most_counted = std::max(most_counted, counted.ended.count(now));
    std::vector<counted_quota> before;
    before.swap(counted_);
    for (auto const& item : policies_) {
        auto const same = std::find_if(before.begin(), before.end(), [&](auto const& counted) {
            return counted.name == item.name && counted.window == item.window;
        });
        if (same != before.end()) {
            counted_.push_back(*same);
        } else {
            counted_.push_back({item.name, 0, item.window, true, sliding_count{item.window}});
            counted_.back().ended.add(now, most_counted);
        }
        counted_.back().quota = item.quota;
    }
    choose_those_in_force();
}

void rate_limiter::learn(quota_window& quota, ratelimit_item const& item, time_point now) {
    // Without a policy the window is at least the longest time that was ever left of one.
    if (!quota.window_known)
        quota.window =
            quota.window_open ? std::max(quota.window, item.reset) : std::max(item.reset, second);
    auto const end = now + item.reset;
    auto const half = quota.window / 2;

    // Rounding: nothing is left of the last second of a window only if it was rounded down; and
    // only what is rounded up is a whole window after the window's first request.
    if (item.reset == duration::zero())
        rounding_ = rounding::not_up;
    else if (rounding_ == rounding::unknown && quota.window_known && item.reset >= quota.window &&
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
        quota.counted_anew = false;
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
    if (std::erase_if(quotas_, [&](auto const& q) { return over(q, now) && absent(q); }) > 0)
        choose_those_in_force();
    for (auto& quota : quotas_)
        if (absent(quota)) quota.lost.add(in_flight_);
}

void rate_limiter::learn_without_headers(unsigned status, time_point now) {
    for (auto& quota : quotas_) quota.lost.add(in_flight_);
    // Errors of a gateway say nothing about what the API's own answers carry.
    if (status >= 500 || status == too_many_requests) return;
    if (quotas_.empty() || now - last_heard_ > longest_window()) {
        quotas_.clear();
        choose_those_in_force();
        local_ = true;
    }
}

void rate_limiter::close_gate(observed const& answer, time_point now) {
    must_probe_ = true;
    probes_ = 0;
    probes_allowed_ = 1;
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
        next_gate_ = next_gate_ == duration{} ? second : next_gate_ * 2;
        next_gate_ = std::min(next_gate_, std::max(longest_window(), second));
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
    for (auto& counted : counted_) counted.ended.add(now);
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
    view.limit = policy_.quota == 0 ? 0 : smallest().quota;
    view.window = smallest().window;
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

}  // namespace cloudflare::inline v0::quota
