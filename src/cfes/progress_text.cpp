#include "progress_text.hpp"

#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/forecast.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

namespace cfes {

namespace es = cloudflare::email_security;

namespace {

// With what comes before the rate, 79 columns hold a million.
constexpr std::int64_t bar_width = 24;
constexpr std::int64_t reading_bar_width = 16;

/// What is counted: changes, or the entries of the list while that is read at first.
struct amount {
    std::int64_t done = 0;
    std::int64_t total = 0;  ///< 0: not known
    std::size_t in_request = 1;
};

amount amount_of(progress_view const& view) {
    auto const& now = view.now;
    if (now.phase != es::sync_phase::reading) return {now.done, now.total, view.batch_size};
    return {now.read, now.to_read, static_cast<std::size_t>(cloudflare::max_page_size)};
}

std::chrono::milliseconds time_left(progress_view const& view, amount const& of) {
    auto const left = static_cast<std::uint64_t>(of.total - of.done);
    cloudflare::request_load load;
    load.requests = (left + of.in_request - 1) / of.in_request;
    load.concurrency = view.concurrency;
    load.round_trip = view.round_trip;
    return cloudflare::forecast(load, view.limits, view.now.quota).duration;
}

}  // namespace

std::string to_clock(std::chrono::milliseconds time) {
    auto const whole = std::chrono::ceil<std::chrono::seconds>(time).count();
    std::ostringstream text;
    text << std::setfill('0');
    if (whole >= 3600) text << whole / 3600 << ':' << std::setw(2);
    text << whole / 60 % 60 << ':' << std::setw(2) << whole % 60;
    return std::move(text).str();
}

void request_pace::add(std::int64_t requests, std::chrono::milliseconds time, bool has_waited) {
    if (has_waited) return;
    requests_ += requests;
    time_ += time;
}

std::chrono::milliseconds request_pace::round_trip(std::size_t concurrency) const {
    if (requests_ <= 0) return std::chrono::milliseconds{250};
    auto const each = time_.count() * static_cast<std::int64_t>(concurrency) / requests_;
    return std::chrono::milliseconds{std::max<std::int64_t>(each, 1)};
}

std::optional<std::chrono::milliseconds> quota_wait(cloudflare::quota_snapshot const& quota) {
    if (quota.blocked_for.count() > 0) return quota.blocked_for;
    if (quota.waiting == 0) return std::nullopt;
    return quota.resets_in;
}

std::string render_progress(progress_view const& view) {
    auto const& now = view.now;
    auto const of = amount_of(view);
    bool const is_reading = now.phase == es::sync_phase::reading;
    std::ostringstream line;
    if (view.has_bar) {
        auto const width = is_reading ? reading_bar_width : bar_width;
        auto const filled = of.total > 0 ? width * of.done / of.total : 0;
        line << '[' << std::string(static_cast<std::size_t>(filled), '#')
             << std::string(static_cast<std::size_t>(width - filled), '.') << "] ";
    }
    // What matters most comes first: a narrow terminal cuts the rest off.
    if (is_reading) line << (view.has_bar ? "reading " : "reading the list: ");
    line << of.done << '/';
    if (of.total > 0) {
        line << of.total << ' ' << 100 * of.done / of.total << "%  ";
    } else {
        line << "?  ";
    }
    auto const wait = quota_wait(now.quota);
    if (of.total > 0 && of.done >= of.total) {
        line << "done  ";
    } else if (of.total > 0) {
        line << "ETA " << to_clock(time_left(view, of))
             << (wait ? ", waiting for the quota  " : "  ");
    } else if (wait) {
        line << "waiting for the quota for " << to_clock(*wait) << "  ";
    }
    if (now.unknown > 0) line << now.unknown << " unknown  ";
    if (now.phase == es::sync_phase::settling) {
        line << "reading the list again: " << now.read << '/' << now.to_read << "  ";
    }
    auto const seconds = std::chrono::duration<double>{view.elapsed}.count();
    auto const rate = seconds > 0 ? static_cast<double>(of.done) / seconds : 0.0;
    // Of a moment, a rate says nothing.
    if (view.elapsed >= std::chrono::seconds{1}) line << std::llround(rate) << "/s  ";
    line << now.requests << (now.requests == 1 ? " request" : " requests");
    // Before the first request nobody knows what others have left of it.
    if (now.quota.limit > 0 && now.requests > 0) {
        line << "  quota left " << now.quota.remaining << '/' << now.quota.limit;
    }
    return std::move(line).str();
}

std::string fit_progress(std::string line, std::size_t width) {
    while (line.size() > width) {
        auto const part = line.rfind("  ");
        if (part == std::string::npos) break;
        line.resize(line.find_last_not_of(' ', part) + 1);
    }
    if (line.size() > width && line.starts_with('[')) line.erase(0, line.find("] ") + 2);
    line.resize(std::min(line.size(), width));
    return line;
}

}  // namespace cfes
