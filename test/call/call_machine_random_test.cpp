// Runs the machine of a create through random schedules in virtual time, against a server that
// loses answers, is late, lags, and accepts or refuses doubles.
#include "call/call_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cloudflare::call;
using namespace std::chrono_literals;
using cloudflare::entry_match;
using cloudflare::errc;
using cloudflare::error;
using cloudflare::outcome;

constexpr time_point never = time_point::max();
/// `backoff_cap`: how long a request may be under way after its answer was lost.
constexpr duration documented_pause = 8s;

/// splitmix64: fast, and the same everywhere.
class random_source {
public:
    explicit random_source(std::uint64_t seed) : state_{seed * 0x9E3779B97F4A7C15ULL + 1} {}
    std::uint64_t next() {
        auto z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
    bool one_in(int n) { return below(n) == 0; }
    duration up_to(duration limit) { return limit * below(1001) / 1000; }
    double share() { return below(1001) / 1000.0; }

private:
    std::uint64_t state_;
};

struct entry {
    time_point applied;
    time_point visible;  // in lists
    bool is_wanted = true;
    bool is_ours = false;
};

/// The server: what it has, and what it will have.
struct server {
    bool accepts_doubles = true;
    std::vector<entry> entries;

    bool has_any(time_point at) const {
        return std::ranges::any_of(entries, [at](entry const& e) { return e.applied <= at; });
    }
    entry_match look(time_point at) const {
        auto found = entry_match::other;
        for (auto const& each : entries) {
            if (each.visible > at) continue;
            if (each.is_wanted) return entry_match::same;
            found = entry_match::differs;
        }
        return found;
    }
    std::ptrdiff_t ours() const {
        return std::ranges::count_if(entries, [](entry const& e) { return e.is_ours; });
    }
    std::ptrdiff_t wanted() const {
        return std::ranges::count_if(entries, [](entry const& e) { return e.is_wanted; });
    }
};

/// How an attempt ended, as the transport tells it.
struct ending {
    attempt_outcome seen;
    error why;
    bool is_success = false;
};

ending ends(failure kind, errc code, bool bytes_sent) {
    ending how;
    how.seen.kind = kind;
    how.seen.bytes_sent = bytes_sent;
    how.why = error{code, {}};
    return how;
}

ending answers(unsigned status, errc code) {
    auto how = ends(failure::status, code, true);
    how.seen.status = status;
    return how;
}

/// One schedule: drives the machine as the driver does.
class schedule {
public:
    explicit schedule(std::uint64_t seed) : random_{seed} {
        settings_.max_retries = random_.below(5);
        settings_.base = 500ms;
        settings_.cap = documented_pause;
        deadline_ = now_ + (random_.one_in(3) ? random_.up_to(40s) : duration{10min});
        lag_ = random_.one_in(3) ? random_.up_to(20s) : duration{};
        api_.accepts_doubles = random_.one_in(2);
        if (random_.one_in(6)) api_.entries.push_back({now_, now_, random_.one_in(2), false});
        // Ending it takes hold at the next event, as in the driver.
        if (random_.one_in(5)) cancel_at_ = now_ + random_.up_to(30s);
        if (random_.one_in(5)) closed_at_ = now_ + random_.up_to(30s);
    }

    void run() {
        request_traits what;
        what.kind = semantics::not_idempotent;
        what.can_look_up = !random_.one_in(8);
        machine call{what, settings_, deadline_, budget_};
        run(call, true);
        check(call);
    }

    /// Which part of the law does not hold; empty when all does.
    std::string const& fault() const noexcept { return fault_; }
    int posts() const noexcept { return posts_; }
    int looks() const noexcept { return looks_; }
    bool is_exempt() const noexcept { return is_exempt_; }
    bool has_succeeded() const noexcept { return has_succeeded_; }

private:
    void require(bool holds, char const* rule) {
        if (!holds && fault_.empty()) fault_ = rule;
    }
    bool is_cancelled() const { return now_ >= cancel_at_; }
    bool is_closed() const { return now_ >= closed_at_; }

    void run(machine& of, bool is_post) {
        auto next = of.granted();
        for (int steps = 0; next.what != action::finish; ++steps) {
            require(steps < 200, "it ends");
            if (steps == 200) return;
            switch (next.what) {
                case action::acquire:
                    next = acquire(of);
                    break;
                case action::send:
                    next = is_post ? post(of) : get(of);
                    break;
                case action::pause:
                    next = pause(of, next.delay);
                    break;
                case action::look_up:
                    next = look_up(of);
                    break;
                case action::finish:
                    break;
            }
        }
    }

    step acquire(machine& of) {
        if (random_.one_in(10)) wait(random_.up_to(5s));
        if (is_cancelled()) return of.cancelled();
        if (is_closed()) return of.refused(error{errc::closed, {}});
        if (now_ >= deadline_) return of.refused(error{errc::timed_out, {}});
        if (random_.one_in(25)) return of.refused(error{errc::rate_limited, {}});
        if (random_.one_in(50)) return of.refused(error{errc::quota_unavailable, {}});
        return of.granted();
    }

    step pause(machine& of, duration delay) {
        require(now_ + delay < deadline_, "no wait is longer than the call");
        auto const until = now_ + delay;
        now_ = std::min({until, cancel_at_, std::max(closed_at_, now_)});
        if (is_cancelled() && now_ < until) return of.cancelled();
        return of.paused();
    }

    step look_up(machine& of) {
        if (is_cancelled()) return of.cancelled();
        if (is_closed()) return of.not_looked_up(error{errc::closed, {}});
        request_traits what;
        what.is_read = true;
        machine reading{what, settings_, deadline_, budget_};
        found_.reset();
        run(reading, false);
        if (auto const& why = reading.failure()) {
            return is_cancelled() ? of.cancelled() : of.not_looked_up(*why);
        }
        ++looks_;
        return of.looked_up(*found_, error{errc::conflict, {}});
    }

    void wait(duration how_long) { now_ += how_long; }

    /// Hands the machine what the attempt came to, unless it was ended from outside before.
    step hand(machine& of, ending how, time_point at) {
        auto const cut = std::min({at, cancel_at_, closed_at_, deadline_});
        if (cut < at) {
            now_ = std::max(now_, cut);
            auto const was_sent = how.seen.bytes_sent || how.is_success;
            how = is_cancelled() ? ends(failure::cancelled, errc::cancelled, was_sent)
                  : is_closed()  ? ends(failure::cancelled, errc::closed, was_sent)
                                 : ends(failure::timeout, errc::timed_out, was_sent);
        } else {
            now_ = at;
        }
        if (how.is_success) return of.succeeded(how.seen);
        return of.failed(how.seen, how.why, now_, random_.share());
    }

    step get(machine& of) {
        auto const arrives = now_ + random_.up_to(200ms);
        auto const back = arrives + random_.up_to(200ms);
        found_ = api_.look(arrives);
        ending how;
        switch (random_.below(20)) {
            case 0:
                how = answers(503, errc::server_error);
                break;
            case 1:
                how = ends(failure::connection_lost, errc::connection_lost, true);
                break;
            case 2:
                how = answers(403, errc::forbidden);
                break;
            case 3:
                how = ends(failure::connect, errc::connect_failed, false);
                break;
            default:
                how.is_success = true;
                how.seen.status = 200;
        }
        return hand(of, how, back);
    }

    /// Brings the entry about at a time, if the server takes it then. Whether it did.
    bool apply(time_point at) {
        if (!api_.accepts_doubles) {
            if (api_.has_any(at)) return false;
            // What was to come later finds this one there.
            std::erase_if(api_.entries, [at](entry const& e) { return e.applied > at; });
        }
        api_.entries.push_back({at, at + random_.up_to(lag_), true, true});
        return true;
    }

    /// The answer is lost, or says that it took too long, while the server may be at work on it.
    step lose(machine& of, time_point arrives, ending how) {
        auto const back = arrives + random_.up_to(30s);
        auto const settled = std::min({back, cancel_at_, closed_at_, deadline_}) + documented_pause;
        auto const within = random_.up_to(settled - arrives);
        switch (random_.below(5)) {
            case 0:  // it never got there whole
                break;
            case 1:  // applied, and the answer lost on its way
                note_if_late(apply(arrives), settled);
                break;
            case 2:  // later than anybody waits for
                note_if_late(apply(settled + random_.up_to(60s) + 1ns), settled);
                break;
            default:  // late, but within the pause
                note_if_late(apply(arrives + within), settled);
        }
        return hand(of, how, back);
    }

    /// What shows in no list by then, nobody can find.
    void note_if_late(bool was_applied, time_point by) {
        if (was_applied && api_.entries.back().visible > by) is_exempt_ = true;
    }

    step post(machine& of) {
        ++posts_;
        auto const free = settings_.max_retries > 0 ? refused_ : 0;
        require(posts_ - free <= settings_.max_retries + 1, "no more attempts than allowed");
        auto const arrives = now_ + random_.up_to(200ms);
        auto const back = arrives + random_.up_to(300ms);
        switch (random_.below(18)) {
            case 0:
                return hand(of, ends(failure::connect, errc::connect_failed, false), back);
            case 1:
                ++refused_;
                return hand(of, answers(429, errc::rate_limited), back);
            case 2:
                return hand(of, answers(521, errc::server_error), back);
            case 3:
                return hand(of, answers(422, errc::request_rejected), back);
            case 4:
                return lose(of, arrives, ends(failure::timeout, errc::timed_out, true));
            case 5:
                return lose(of, arrives,
                            ends(failure::connection_lost, errc::connection_lost, true));
            case 6:
                return lose(of, arrives,
                            ends(failure::stale_connection, errc::connection_lost, true));
            case 7:
                return lose(of, arrives, ends(failure::tls, errc::tls_failed, true));
            case 8:
                return lose(of, arrives, answers(504, errc::server_error));
            case 9:
                return lose(of, arrives, answers(408, errc::server_error));
            case 10: {
                auto how = answers(400, errc::request_rejected);
                how.seen.transient_code_1000 = true;
                return lose(of, arrives, how);
            }
            case 11:
                return decided(of, arrives, back, answers(503, errc::server_error));
            case 12:
                return decided(of, arrives, back,
                               ends(failure::malformed_response, errc::malformed_response, true));
            case 13: {
                auto const how = ends(failure::thrown, errc::quota_unavailable, true);
                return decided(of, arrives, back, how);
            }
            case 14:
                note_if_late(apply(arrives), back);
                return hand(of, answers(303, errc::malformed_response), back);
            default: {
                auto const cut = std::min({cancel_at_, closed_at_, deadline_});
                auto const is_made = apply(arrives);
                if (!is_made) return hand(of, answers(409, errc::conflict), back);
                if (cut < back) note_if_late(true, cut);
                ending done;
                done.is_success = true;
                done.seen.status = 201;
                return hand(of, done, back);
            }
        }
    }

    /// The server has come to an end, with or without the entry.
    step decided(machine& of, time_point arrives, time_point back, ending how) {
        if (random_.one_in(2)) note_if_late(apply(arrives), back);
        return hand(of, std::move(how), back);
    }

    void check(machine const& call) {
        has_succeeded_ = !call.failure();
        auto const ours = api_.ours();
        require(is_exempt_ || ours <= 1, "it is not there twice because of us");
        if (has_succeeded_) {
            require(api_.wanted() >= 1, "what succeeded is there, and is what was asked for");
            return;
        }
        auto const is_certain = call.failure()->outcome() != outcome::unknown;
        require(!is_certain || ours == 0, "what was not sent, or rejected, is not there");
        require(call.failure()->attempts() == posts_, "the error tells the attempts");
    }

    random_source random_;
    time_point now_{1000s};
    time_point deadline_;
    time_point cancel_at_ = never;
    time_point closed_at_ = never;
    duration lag_{};
    retry_settings settings_;
    retry_budget budget_;
    server api_;
    std::optional<entry_match> found_;
    int posts_ = 0;
    int refused_ = 0;  // of them with 429
    int looks_ = 0;
    std::string fault_;
    bool is_exempt_ = false;
    bool has_succeeded_ = false;
};

BOOST_AUTO_TEST_SUITE(call_machine_at_random)

BOOST_AUTO_TEST_CASE(the_law_holds) {
    int succeeded = 0;
    int again = 0;
    int looked = 0;
    int exempt = 0;
    constexpr int schedules = 400'000;
    for (int seed = 0; seed < schedules; ++seed) {
        schedule one{static_cast<std::uint64_t>(seed)};
        one.run();
        if (!one.fault().empty()) BOOST_ERROR("seed " << seed << ": not so: " << one.fault());
        succeeded += one.has_succeeded();
        again += one.posts() > 1;
        looked += one.looks() > 0;
        exempt += one.is_exempt();
    }
    // They go where they are meant to.
    BOOST_TEST(succeeded > schedules / 4);
    BOOST_TEST(succeeded < schedules * 3 / 4);
    BOOST_TEST(again > schedules / 10);
    BOOST_TEST(looked > schedules / 10);
    BOOST_TEST(exempt < schedules / 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
