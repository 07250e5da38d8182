#include "progress_text.hpp"

#include <cloudflare/forecast.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

namespace cfes {

namespace {

constexpr std::int64_t bar_width = 24;

std::chrono::milliseconds time_left(progress_view const& view) {
    auto const left = static_cast<std::uint64_t>(view.now.total - view.now.done);
    cloudflare::request_load load;
    load.requests = (left + view.batch_size - 1) / view.batch_size;
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

std::string render_progress(progress_view const& view) {
    auto const& now = view.now;
    std::ostringstream line;
    if (view.has_bar) {
        auto const filled = bar_width * now.done / now.total;
        line << '[' << std::string(static_cast<std::size_t>(filled), '#')
             << std::string(static_cast<std::size_t>(bar_width - filled), '.') << "] ";
    }
    auto const seconds = std::chrono::duration<double>{view.elapsed}.count();
    auto const rate = seconds > 0 ? static_cast<double>(now.done) / seconds : 0.0;
    // What matters most comes first: a narrow terminal cuts the rest off.
    line << now.done << '/' << now.total << ' ' << 100 * now.done / now.total << "%  ";
    if (now.done >= now.total) {
        line << "done  ";
    } else {
        bool const waits = now.quota.waiting > 0 || now.quota.blocked_for.count() > 0;
        line << "ETA " << to_clock(time_left(view)) << (waits ? ", waiting for the quota  " : "  ");
    }
    line << std::llround(rate) << "/s  " << now.requests << " requests";
    if (now.quota.limit > 0) {
        line << "  quota left " << now.quota.remaining << '/' << now.quota.limit;
    }
    return std::move(line).str();
}

}  // namespace cfes
