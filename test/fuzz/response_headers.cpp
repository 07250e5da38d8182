// The headers that steer retrying and pacing, and a limiter that follows them.

#include "quota/response_headers.hpp"

#include "fuzz.hpp"
#include "quota/limiter_rules.hpp"

#include <algorithm>
#include <array>
#include <string>

using namespace cloudflare::quota;
using cloudflare::fuzz::input;
using cloudflare::fuzz::require;

namespace {

using std::chrono::seconds;

void check_wait(std::optional<duration> wait) {
    require(!wait || (*wait >= duration::zero() && *wait <= max_server_wait),
            "a wait is believed within its limits only");
}

std::string in_quotes(std::string_view name) {
    std::string text{'"'};
    for (char const c : name) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

std::string field(std::string_view name, char count_key, std::uint64_t count, char time_key,
                  duration time) {
    return in_quotes(name) + ';' + count_key + '=' + std::to_string(count) + ';' + time_key + '=' +
           std::to_string(std::chrono::duration_cast<seconds>(time).count());
}

std::string written(ratelimit_list const& items) {
    std::string text;
    for (auto const& each : items) {
        if (!text.empty()) text += ", ";
        text += field(each.name, 'r', each.remaining, 't', each.reset);
    }
    return text;
}

std::string written(ratelimit_policy_list const& items) {
    std::string text;
    for (auto const& each : items) {
        if (!text.empty()) text += ", ";
        text += field(each.name, 'q', each.quota, 'w', each.window);
    }
    return text;
}

template <class Items, class Parse>
void check_list(Items const& items, Parse parse) {
    auto const text = written(items);
    require(parse(text) == items, "a list comes back the same");
    require(parse(" \t" + text + "\t ") == items, "blanks around a field mean nothing");
}

/// Whatever an answer says, the limiter lets a request go in the end.
void check_limiter(observed const& answer) {
    time_point const start{std::chrono::hours{1}};
    auto now = start;
    rate_limiter limiter;
    require(limiter.take(now) <= now, "the first request goes at once");
    limiter.observe(answer, now);
    for (int asked = 0;; ++asked) {
        auto const when = limiter.take(now);
        if (when <= now) break;
        require(when != time_point::max(), "with nothing in flight, waiting has an end");
        require(asked < 100, "waiting has an end");
        now = when;
    }
    require(now - start <= 2 * max_server_wait, "the wait is one that is believed");
    limiter.abandon(now);
    auto const view = limiter.snapshot(now);
    require(view.in_flight == 0, "all that was granted has ended");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array statuses{200U, 429U, 503U};
    input in{data, size};
    observed answer;
    answer.status = statuses[in.pick(statuses.size())];
    auto const limits = in.line();
    auto const policies = in.line();
    auto const retry_after = in.line();
    auto const other = in.rest();

    auto const now = std::chrono::system_clock::time_point{seconds{1'764'000'000}};
    answer.limits = parse_ratelimit(limits);
    answer.policies = parse_ratelimit_policy(policies);
    answer.retry_after = parse_retry_after(retry_after, now);
    check_wait(answer.retry_after);
    check_wait(parse_retry_after_ms(other));
    static_cast<void>(parse_should_retry(other));
    for (auto const& each : answer.limits) check_wait(each.reset);
    for (auto const& each : answer.policies) {
        check_wait(each.window);
        require(each.quota > 0 && each.window > duration::zero(), "a policy can be obeyed");
    }
    check_list(answer.limits, &parse_ratelimit);
    check_list(answer.policies, &parse_ratelimit_policy);
    check_limiter(answer);
    return 0;
}
