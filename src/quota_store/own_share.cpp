#include "quota_store/own_share.hpp"

#include <algorithm>

namespace cloudflare::inline v0::quota {

namespace {

/// Where there are more processes than requests, each has one in so many windows.
record_policy share_of(record_policy const& whole, std::int64_t processes) {
    auto const all = whole.quota - whole.reserve;
    record_policy share;
    share.quota = std::max<std::int64_t>(all / processes, 1);
    share.window = whole.window * ((processes + all - 1) / all);
    share.reserve = 0;
    return share;
}

}  // namespace

own_share::own_share(record_policy const& whole, std::int64_t processes)
    : whole_{whole}, processes_{processes}, policy_{share_of(whole, processes)} {}

void own_share::begin(std::int64_t known_end, std::int64_t now) {
    record_ = {};
    known_ = {};
    if (known_end <= now) return;
    // As if it was told that nothing is left.
    record_.generation = now;
    record_.opened = now;
    record_.end = known_end;
    record_.told = 1;
}

record_answer own_share::exchange(record_exchange what, std::int64_t now) {
    auto const in = known_.in(now);
    what.generation = in.generation;
    what.opened = in.opened;
    what.ends_in = in.ends_in;
    if (what.answers > 0) {
        // No more than its part of what is left, and no more than what it has left of its part.
        auto const left = record_.told == 1 ? record_.remaining : policy_.quota;
        what.remaining = std::max<std::int64_t>(
            std::min((what.remaining - whole_.reserve) / processes_, left - what.answers), 0);
        auto const rest = record_.opened + policy_.window - now;
        if (policy_.window > whole_.window) what.resets_in = std::max(what.resets_in, rest);
    }
    auto const answer = quota::exchange(record_, policy_, what, now);
    known_.learn(answer, now);
    return answer;
}

bool own_share::has_ended(std::int64_t since, std::int64_t now) const {
    return since < record_.end && record_.end <= now;
}

bool own_share::is_untouched(std::int64_t now) const {
    return record_.granted == 0 || now >= std::max(record_.end, record_.blocked);
}

}  // namespace cloudflare::inline v0::quota
