#include "call_watch.hpp"

#include "output.hpp"
#include "progress_text.hpp"
#include "times.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace cfes {

namespace cf = cloudflare;

namespace {

/// One line for an event. Events hold no secrets.
void print_event(cf::event const& what) {
    std::ostringstream line;
    line << '[' << what.call << "] " << to_string(what.what);
    if (!what.method.empty()) line << ' ' << what.method << ' ' << what.operation;
    if (what.attempt > 0) line << ", attempt " << what.attempt;
    if (what.status > 0) line << ", status " << what.status;
    if (!what.reason.empty()) line << ", " << what.reason;
    using milliseconds = std::chrono::duration<double, std::milli>;
    if (what.delay.count() > 0) line << ", in " << milliseconds{what.delay}.count() << " ms";
    if (what.elapsed.count() > 0) line << ", " << milliseconds{what.elapsed}.count() << " ms";
    if (!what.ray_id.empty()) line << ", ray " << what.ray_id;
    complain(std::move(line).str());
}

using clock = std::chrono::steady_clock;

/// Waits that are shorter are not worth a line.
constexpr std::chrono::seconds shortest_told{2};

/// What a call waits for.
enum class wait_for { quota, answer, pause };

struct call_wait {
    clock::time_point begun;  ///< of the first attempt
    clock::time_point since;
    wait_for what = wait_for::quota;
    unsigned status = 0;  ///< of the answer before a pause; 0: none came
    /// When it will have an end, at the latest; empty: nobody knows.
    std::optional<clock::time_point> until;
};

std::string describe(call_wait const& wait) {
    switch (wait.what) {
        case wait_for::quota:
            break;
        case wait_for::answer:
            return "no answer yet: waits";
        case wait_for::pause:
            if (wait.status == 429) break;
            return (wait.status == 0 ? "no answer"
                                     : "the API answers with " + std::to_string(wait.status)) +
                   ": tries again";
    }
    return "waiting for the quota: goes on";
}

/// `05:42:10 (in 4:12)`
std::string describe(clock::time_point when) {
    auto const left = std::chrono::ceil<std::chrono::seconds>(when - clock::now());
    return to_time_of_day(current_time() + left) + " (in " + to_clock(left) + ')';
}

}  // namespace

struct call_watch::state : std::enable_shared_from_this<call_watch::state> {
    state(boost::asio::any_io_executor executor, bool is_verbose, std::chrono::milliseconds longest)
        : verbose{is_verbose}, longest_attempt{longest}, timer{std::move(executor)} {}

    bool verbose;
    std::chrono::milliseconds longest_attempt;
    std::mutex mutex;    // events may come from any thread
    std::string method;  // of the last request
    bool are_quota_waits_told = false;
    std::map<std::uint64_t, call_wait> waits;  // of the calls that are under way
    clock::time_point told_until{};
    boost::asio::steady_timer timer;

    void see(cf::event const& what) {
        if (verbose) print_event(what);
        std::lock_guard const guard{mutex};
        if (what.what == cf::event::kind::attempt_started) method = what.method;
        note_wait(what);
    }

    void note_wait(cf::event const& what) {
        using kind = cf::event::kind;
        if (what.what == kind::completed) {
            waits.erase(what.call);
        } else if (what.what == kind::attempt_started) {
            auto& wait = begin_wait(what.call, wait_for::answer);
            wait.until = wait.since + longest_attempt;
        } else if (what.what == kind::attempt_ended) {
            if (auto const found = waits.find(what.call); found != waits.end()) {
                found->second.status = what.status;
            }
        } else if (what.what == kind::throttled || what.what == kind::retry_scheduled) {
            bool const is_quota = what.what == kind::throttled;
            auto& wait = begin_wait(what.call, is_quota ? wait_for::quota : wait_for::pause);
            if (what.delay.count() <= 0) return;
            // The end is known beforehand. Many short pauses make a long one.
            wait.until = wait.since + std::chrono::duration_cast<clock::duration>(what.delay);
            auto const from = is_quota ? wait.since : wait.begun;
            if (*wait.until - from >= shortest_told) tell(wait);
        }
    }

    call_wait& begin_wait(std::uint64_t call, wait_for what) {
        auto const now = clock::now();
        auto const [found, is_new] = waits.try_emplace(call);
        auto& wait = found->second;
        // What a call waits for before its first attempt is no trouble with that.
        if (is_new || wait.what == wait_for::quota) wait.begun = now;
        wait.since = now;
        wait.what = what;
        wait.until.reset();
        return wait;
    }

    /// Looks every now and then for who has waited for long.
    void look_later() {
        timer.expires_after(std::chrono::milliseconds{500});
        std::weak_ptr<state> const weak = weak_from_this();
        timer.async_wait([weak](boost::system::error_code ec) {
            auto const kept = weak.lock();
            if (ec || !kept) return;
            kept->look();
            kept->look_later();
        });
    }

    void look() {
        std::lock_guard const guard{mutex};
        auto const now = clock::now();
        for (auto const& [call, wait] : waits) {
            if (now - wait.since >= shortest_told) tell(wait);
        }
    }

    /// What many calls wait for is told once, and again only when it takes longer than was told.
    void tell(call_wait const& wait) {
        bool const is_quota = wait.what == wait_for::quota;
        if (is_quota && are_quota_waits_told) return;
        auto const now = clock::now();
        constexpr std::chrono::seconds same{1};
        bool const is_told = wait.what == wait_for::answer || !wait.until
                                 ? now < told_until
                                 : *wait.until <= told_until + same;
        if (is_told) return;
        // Of what has no end, one word is enough for some time.
        constexpr std::chrono::minutes long_time{1};
        told_until = wait.until.value_or(now + long_time);
        auto text = describe(wait);
        if (wait.what == wait_for::answer) {
            text += " until " + describe(*wait.until) + " at the latest";
        } else if (wait.until) {
            text += " at " + describe(*wait.until);
        } else {
            text += " as soon as it can";
        }
        note(text);
    }
};

call_watch::call_watch(boost::asio::any_io_executor executor, bool verbose,
                       std::chrono::milliseconds longest_attempt)
    : state_{std::make_shared<state>(std::move(executor), verbose, longest_attempt)} {
    state_->look_later();
}

cf::event_hook call_watch::hook() const {
    return [kept = state_](cf::event const& what) { kept->see(what); };
}

repeated call_watch::last_write_repeats() const {
    std::lock_guard const guard{state_->mutex};
    return state_->method == "POST" ? repeated::may_double : repeated::harmless;
}

void call_watch::leave_quota_waits(bool to_others) const {
    std::lock_guard const guard{state_->mutex};
    state_->are_quota_waits_told = to_others;
}

bool call_watch::was_read() const {
    std::lock_guard const guard{state_->mutex};
    return state_->method == "GET";
}

}  // namespace cfes
