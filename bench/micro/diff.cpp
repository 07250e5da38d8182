// The comparison of a feed with a list, of which a hundredth differs.

#include "email_security/sync/plan_maker.hpp"
#include "sample_feed.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <benchmark/benchmark.h>
#include <cstddef>
#include <sstream>
#include <utility>

namespace es = cloudflare::email_security;

namespace {

void diff(benchmark::State& state) {
    using traits = es::block_senders_traits;
    auto const entries = static_cast<std::size_t>(state.range(0));
    std::istringstream text{bench::feed_text(0, entries, 0)};
    es::sync_options options;
    options.owner("bench").prune(true);
    es::feed_options<traits> format;
    format.format(es::feed_format::csv);
    es::sync_plan<traits> plan;
    plan.desired = es::read_feed<traits>(text, format).value();
    es::typed_feed_view<traits> const desired{plan.desired};
    for (auto _ : state) {
        state.PauseTiming();
        auto list = bench::listed(plan.desired, 0, entries);
        plan.updates.clear();
        state.ResumeTiming();
        es::plan_maker comparison{es::sync_type_of<traits>(), desired, options, plan};
        comparison.take(0, std::move(list));
        if (comparison.fill()) state.SkipWithError("refused");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(diff)->RangeMultiplier(10)->Range(1000, 100'000)->Unit(benchmark::kMillisecond);

}  // namespace
