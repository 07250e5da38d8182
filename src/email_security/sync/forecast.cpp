#include "email_security/sync/newest_entries.hpp"

#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/forecast.hpp>

#include <algorithm>
#include <chrono>

namespace cloudflare::inline v0::email_security {

namespace {

std::int64_t parts(std::int64_t items, std::int64_t size) {
    return (items + size - 1) / size;
}

}  // namespace

sync_forecast forecast_sync(sync_report const& planned, client const& with,
                            sync_options const& options) {
    auto const edits = planned.updated + planned.shared + planned.unmarked + planned.retired;
    auto const changes = std::max({planned.created, edits, planned.deleted});
    auto const quota = with.quota();
    sync_forecast foreseen;
    // The full pages, and the one that ends the list.
    foreseen.reads = planned.current / max_page_size + 1;
    // And those that tell whether others wrote, too.
    if (planned.created > 0) {
        auto const length = planned.current + planned.created - planned.deleted;
        foreseen.reads +=
            static_cast<std::int64_t>(newest_entries::pages(length, planned.created).size());
    }
    foreseen.writes = parts(changes, static_cast<std::int64_t>(options.batch_size()));
    foreseen.quota = static_cast<std::int64_t>(quota.limit);
    foreseen.quota_left = static_cast<std::int64_t>(quota.remaining);

    request_load load;
    load.requests = static_cast<std::uint64_t>(foreseen.reads + foreseen.writes);
    load.concurrency = options.concurrency();
    // What waited for the quota says nothing of how long a request takes.
    if (planned.requests > 0 && planned.throttled == 0) {
        // Hardly more than this, unless retries made it wait.
        constexpr std::int64_t longest_ms = 5000;
        auto const at_a_time =
            std::min(planned.requests, static_cast<std::int64_t>(options.concurrency()));
        auto const each = planned.elapsed_ms * at_a_time / planned.requests;
        load.round_trip = std::chrono::milliseconds{std::clamp<std::int64_t>(each, 1, longest_ms)};
    }
    auto const expected = forecast(load, with.options().rate_limit(), quota);
    foreseen.duration_ms = expected.duration.count();
    foreseen.waiting_ms = expected.waiting.count();
    return foreseen;
}

}  // namespace cloudflare::inline v0::email_security
