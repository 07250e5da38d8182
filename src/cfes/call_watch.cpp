#include "call_watch.hpp"

#include "output.hpp"

#include <chrono>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>

namespace cfes {

namespace cf = cloudflare;

namespace {

/// One line for an event. Events hold no secrets.
void print_event(cf::event const& what) {
    std::ostringstream line;
    line << "cfes: [" << what.call << "] " << to_string(what.what);
    if (!what.method.empty()) line << ' ' << what.method << ' ' << what.operation;
    if (what.attempt > 0) line << ", attempt " << what.attempt;
    if (what.status > 0) line << ", status " << what.status;
    if (!what.reason.empty()) line << ", " << what.reason;
    using milliseconds = std::chrono::duration<double, std::milli>;
    if (what.delay.count() > 0) line << ", in " << milliseconds{what.delay}.count() << " ms";
    if (what.elapsed.count() > 0) line << ", " << milliseconds{what.elapsed}.count() << " ms";
    if (!what.ray_id.empty()) line << ", ray " << what.ray_id;
    std::cerr << to_line(std::move(line).str()) + '\n';
}

}  // namespace

struct call_watch::state {
    bool verbose = false;
    std::mutex mutex;    // events may come from any thread
    std::string method;  // of the last request

    void see(cf::event const& what) {
        if (verbose) print_event(what);
        if (what.what != cf::event::kind::attempt_started) return;
        std::lock_guard const guard{mutex};
        method = what.method;
    }
};

call_watch::call_watch(bool verbose) : state_{std::make_shared<state>()} {
    state_->verbose = verbose;
}

cf::event_hook call_watch::hook() const {
    return [kept = state_](cf::event const& what) { kept->see(what); };
}

repeated call_watch::last_write_repeats() const {
    std::lock_guard const guard{state_->mutex};
    return state_->method == "POST" ? repeated::may_double : repeated::harmless;
}

bool call_watch::was_read() const {
    std::lock_guard const guard{state_->mutex};
    return state_->method == "GET";
}

}  // namespace cfes
