#include "quota_store/quota_record.hpp"

#include <algorithm>

namespace cloudflare::inline v0::quota {

namespace {

/// A request whose answer would tell what is left may be lost: another one then goes.
constexpr std::int64_t probe_patience = 1000;
/// How soon to ask again while one is under way.
constexpr std::int64_t probe_pause = 100;
/// How soon, at most, while all that is left is out: some of it comes back, or has been counted
/// twice until those who have it tell.
constexpr std::int64_t settling_pause = 2000;

/// No block and no window is believed that is longer.
constexpr std::int64_t longest_wait = 24 * 3600 * 1000;
/// For a 429 that names no time.
constexpr std::int64_t usual_block = 1000;

/// Who gets nothing is sent to one of so many coming windows. In each, twice as many ask as it has
/// requests for: some do not come back.
constexpr std::int64_t windows_ahead = 6;
constexpr std::int64_t overbooking = 2;
/// Those of one window come one after the other, within this part of it.
constexpr std::int64_t arrivals = 10;

/// More than anybody has.
constexpr std::int64_t most_requests = 1'000'000'000;

std::int64_t opens_next(quota_record const& record, record_policy const& policy) {
    return std::max(record.end, record.blocked) + margin_of(policy);
}

bool is_blocked(quota_record const& record, record_policy const& policy, std::int64_t now) {
    return record.blocked > 0 && now < record.blocked + margin_of(policy);
}

void open_window(quota_record& record, record_policy const& policy, std::int64_t now) {
    record.opened = now;
    record.end = now + policy.window;
    record.remaining = policy.quota;
    record.out = 0;
    record.told = 0;
    record.heard = 0;
    record.granted = 0;
}

/// What a clock that was put back, or somebody else who wrote it, made of a record would hold all
/// up for ever.
bool is_sound(quota_record const& record, std::int64_t now) {
    auto const least =
        std::min({record.opened, record.end, record.remaining, record.out, record.told,
                  record.heard, record.granted, record.blocked, record.turn});
    return record.generation > 0 && least >= 0 && record.opened <= now &&
           std::max(record.end, record.blocked) <= now + 2 * longest_wait &&
           record.turn <= now + 2 * (windows_ahead + 1) * longest_wait &&
           std::max({record.remaining, record.out, record.heard}) <= most_requests;
}

/// Brings the record up to this time.
void turn_to(quota_record& record, record_policy const& policy, std::int64_t now) {
    if (!is_sound(record, now)) {
        record = quota_record{};
        record.generation = now;
        open_window(record, policy, now);
    } else if (now >= opens_next(record, policy)) {
        open_window(record, policy, now);
    }
}

/// Who comes from another window may have requests under way that are counted in this one.
void meet(quota_record& record, record_policy const& policy, record_exchange const& what,
          std::int64_t now) {
    if (what.generation == record.generation && what.opened == record.opened) return;
    record.out += what.in_flight;
    bool const is_lost = what.generation != record.generation && what.ends_in > margin_of(policy);
    if (!is_lost) return;
    // It knows of a window that is not over, and the record that knew who has how much of it is
    // gone: nothing more is granted of it.
    record.end = std::max(record.told == 1 ? record.end : now, now + what.ends_in);
    record.told = 1;
    record.remaining = 0;
}

void observe(quota_record& record, record_policy const& policy, record_exchange const& what,
             std::int64_t now) {
    bool const is_of_window = what.generation == record.generation && what.opened == record.opened;
    if (is_of_window && what.answers > 0) {
        record.out = std::max<std::int64_t>(record.out - what.answers, 0);
        auto const end = now + what.resets_in;
        record.end = record.told == 1 ? std::min(record.end, end) : end;
        record.remaining =
            record.told == 1 ? std::min(record.remaining, what.remaining) : what.remaining;
        record.told = 1;
    }
    if (is_of_window && what.silent > 0 && record.told == 0) {
        record.heard += what.silent;
        // They may be counted in a window that began only with them.
        record.end = std::max(record.end, now + policy.window);
    }
    if (what.refused_for < 0) return;
    auto const wait = what.refused_for > 0 ? what.refused_for : usual_block;
    record.blocked = std::max(record.blocked, now + std::min(wait, longest_wait));
    // What is left after it is known only by an answer.
    record.told = 0;
    record.heard = 0;
    record.granted = 0;
}

void give_back(quota_record& record, record_exchange const& what) {
    if (what.generation != record.generation || what.opened != record.opened) return;
    record.out = std::max<std::int64_t>(record.out - what.unused, 0);
}

/// In how long to ask again, for who gets nothing for now.
std::int64_t turn_in(quota_record& record, record_policy const& policy, std::int64_t wanted,
                     std::int64_t now) {
    // A block may be over before the window is.
    auto const next = is_blocked(record, policy, now) ? record.blocked + margin_of(policy)
                                                      : opens_next(record, policy);
    if (record.turn < next || record.turn >= next + windows_ahead * policy.window) {
        record.turn = next;
    }
    auto const ahead = record.turn - next;
    auto const in_window = ahead % policy.window;
    auto const at = next + (ahead - in_window) + in_window / arrivals;
    auto const step = wanted * policy.window / (overbooking * policy.quota);
    record.turn += std::clamp<std::int64_t>(step, 1, windows_ahead * policy.window);
    return at - now;
}

void reserve(quota_record& record, record_policy const& policy, std::int64_t wanted,
             std::int64_t now, record_answer& answer) {
    auto const until = record.end - margin_of(policy);
    auto const left = record.remaining - record.out - policy.reserve;
    auto const pause = std::clamp(policy.window / arrivals, probe_pause, settling_pause);
    bool const blocked = is_blocked(record, policy, now);
    bool const settles = record.told == 1 && left <= 0 && record.remaining > policy.reserve &&
                         now < record.granted + pause && now + pause < until;
    if (settles && !blocked) {
        answer.lasts = pause;
        return;
    }
    if (blocked || left <= 0 || (record.told == 1 && now >= until)) {
        answer.lasts = turn_in(record, policy, wanted, now);
        return;
    }
    auto room = left;
    if (record.told == 0) {
        // Each answer without numbers lets two go for its one: they become many soon, but not all
        // at once.
        room = 1 + 2 * record.heard - record.out;
        if (room <= 0 && now >= record.granted + probe_patience) room = 1;
        room = std::min(room, left);
        if (room <= 0) {
            answer.lasts = probe_pause;
            return;
        }
    }
    record.granted = now;
    answer.granted = std::min(wanted, room);
    record.out += answer.granted;
    answer.lasts = record.told == 1 ? until - now : probe_patience;
    answer.is_probe = 1 - record.told;
}

}  // namespace

record_exchange known_window::in(std::int64_t now) const {
    record_exchange what;
    what.generation = generation;
    what.opened = opened;
    what.ends_in = std::max<std::int64_t>(end - now, 0);
    return what;
}

void known_window::learn(record_answer const& answer, std::int64_t now) {
    generation = answer.generation;
    opened = answer.opened;
    end = now + answer.ends_in;
}

std::int64_t margin_of(record_policy const& policy) {
    constexpr std::int64_t most = 1000;
    constexpr std::int64_t part = 100;
    return std::min(most, policy.window / part);
}

record_answer exchange(quota_record& record, record_policy const& policy,
                       record_exchange const& what, std::int64_t now) {
    turn_to(record, policy, now);
    meet(record, policy, what, now);
    observe(record, policy, what, now);
    give_back(record, what);
    record_answer answer;
    if (what.wanted > 0) reserve(record, policy, what.wanted, now, answer);
    answer.generation = record.generation;
    answer.opened = record.opened;
    answer.ends_in = record.end - now;
    return answer;
}

std::int64_t usual_lease(record_policy const& policy) {
    constexpr std::int64_t most = 50;
    constexpr std::int64_t parts = 12;
    return std::clamp<std::int64_t>((policy.quota - policy.reserve) / parts, 1, most);
}

std::int64_t report_interval_of(record_policy const& policy) {
    constexpr std::int64_t least = 1000;
    constexpr std::int64_t most = 5000;
    constexpr std::int64_t parts = 60;
    return std::clamp(policy.window / parts, least, most);
}

std::int64_t lifetime_of(quota_record const& record, record_policy const& policy,
                         std::int64_t now) {
    return std::max(opens_next(record, policy), record.turn) + policy.window - now;
}

}  // namespace cloudflare::inline v0::quota
