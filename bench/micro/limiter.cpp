// The limiter: its decision alone, and a grant handed to the first of a queue.

#include "quota/limiter_rules.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

namespace asio = boost::asio;
namespace quota = cloudflare::quota;

namespace {

void limiter_take_and_observe(benchmark::State& state) {
    quota::rate_policy lots;
    lots.quota = 1'000'000'000;
    lots.per_second = 0;
    quota::rate_limiter limiter{lots};
    quota::observed const told{201,
                               quota::parse_ratelimit(R"("default";r=999999999;t=300)"),
                               quota::parse_ratelimit_policy(R"("default";q=1000000000;w=300)"),
                               {}};
    for (auto _ : state) {
        auto const now = std::chrono::steady_clock::now();
        if (limiter.take(now) > now) state.SkipWithError("not granted");
        limiter.observe(told, now);
    }
}
BENCHMARK(limiter_take_and_observe);

void limiter_parse_headers(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(quota::parse_ratelimit(R"("default";r=1199;t=300)"));
        benchmark::DoNotOptimize(quota::parse_ratelimit_policy(R"("default";q=1200;w=300)"));
    }
}
BENCHMARK(limiter_parse_headers);

asio::awaitable<void> stand_in_line(cloudflare::rate_limiter& limiter, std::int64_t& granted) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::hours{1};
    for (;;) {
        if (!limiter.try_acquire({})) {
            auto const got = co_await limiter.acquire({}, deadline, std::stop_token{});
            if (!got) co_return;
        }
        ++granted;
    }
}

/// One request may be in flight; each that ends lets the first of the queue go, which then stands
/// at its end.
void limiter_queue(benchmark::State& state) {
    auto const limiter =
        cloudflare::make_rate_limiter(cloudflare::rate_limit_options{}.reserve(0).per_second(0));
    cloudflare::rate_limit_report ended;
    ended.status = 201;
    ended.ratelimit = R"("default";r=1;t=300)";
    ended.ratelimit_policy = R"("default";q=1200;w=300)";
    std::int64_t granted = 0;
    asio::io_context context{1};  // last, as it destroys those who wait
    for (auto n = state.range(0); n >= 0; --n) {
        asio::co_spawn(context, stand_in_line(*limiter, granted), asio::detached);
    }
    context.poll();
    for (auto _ : state) {
        auto const before = granted;
        limiter->observe(ended);
        while (granted == before && context.run_one() > 0) continue;
    }
}
BENCHMARK(limiter_queue)->RangeMultiplier(100)->Range(1, 10'000)->Arg(100'000);

}  // namespace
