#include "quota/limiter_rules.hpp"

#include <cloudflare/forecast.hpp>

#include <algorithm>
#include <deque>

namespace cloudflare::inline v0 {

namespace {

using quota::duration;
using quota::time_point;

constexpr unsigned ok = 200;
constexpr unsigned too_many_requests = 429;

/// A server that counts in windows; each begins with its first request.
class model_server {
public:
    model_server(std::uint64_t limit, duration window) : limit_{limit}, window_{window} {
        answer_.status = ok;
        answer_.limits.push_back({"default", 0, {}});
        answer_.policies.push_back({"default", limit, window});
    }

    /// The window that is known to be open.
    void open(std::uint64_t remaining, time_point end) {
        remaining_ = remaining;
        end_ = end;
    }

    quota::observed const& tell(time_point now) {
        answer_.limits[0].remaining = remaining_;
        answer_.limits[0].reset = std::chrono::ceil<std::chrono::seconds>(end_ - now);
        return answer_;
    }

    quota::observed const& serve(time_point now) {
        if (now >= end_) open(limit_, now + window_);
        if (remaining_ > 0) --remaining_;
        return tell(now);
    }

private:
    std::uint64_t limit_;
    duration window_;
    std::uint64_t remaining_ = 0;
    time_point end_ = time_point::min();
    quota::observed answer_;  // one for all, as its texts stay the same
};

std::chrono::milliseconds in_milliseconds(duration time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time);
}

}  // namespace

load_forecast forecast(request_load const& load, rate_limit_options const& options,
                       quota_snapshot const& known) {
    auto const at_a_time = std::max<std::uint64_t>(load.concurrency, 1);
    load_forecast expected;
    if (known.limit == 0) {
        auto const turns = (load.requests + at_a_time - 1) / at_a_time;
        expected.duration = load.round_trip * static_cast<std::int64_t>(turns);
        return expected;
    }

    quota::rate_policy assumed;
    assumed.quota = known.limit;
    assumed.window = known.window;
    assumed.reserve = options.reserve();
    assumed.per_second = options.per_second();
    quota::rate_limiter limiter{assumed};
    model_server server{known.limit, known.window};
    auto const start = time_point{} + std::chrono::hours{1};
    if (known.resets_in.count() > 0) {
        server.open(known.remaining, start + known.resets_in);
        (void)limiter.take(start);
        limiter.observe(server.tell(start), start);
    }
    if (known.blocked_for.count() > 0) {
        quota::observed refusal;
        refusal.status = too_many_requests;
        refusal.retry_after = known.blocked_for;
        (void)limiter.take(start);
        limiter.observe(refusal, start);
    }

    auto now = start;
    std::deque<time_point> in_flight;  // when each is answered
    duration waiting{};
    for (std::uint64_t sent = 0, answered = 0; answered != load.requests;) {
        auto next = time_point::max();
        while (sent != load.requests && in_flight.size() < at_a_time) {
            next = limiter.take(now);
            if (next > now) break;
            in_flight.push_back(now + load.round_trip);
            ++sent;
            next = time_point::max();
        }
        if (in_flight.empty()) waiting += next - now;
        if (!in_flight.empty()) next = std::min(next, in_flight.front());
        now = next;
        while (!in_flight.empty() && in_flight.front() <= now) {
            in_flight.pop_front();
            limiter.observe(server.serve(now), now);
            ++answered;
        }
    }
    expected.duration = in_milliseconds(now - start);
    expected.waiting = in_milliseconds(waiting);
    return expected;
}

}  // namespace cloudflare::inline v0
