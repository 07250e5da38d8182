#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>

namespace cfes {

namespace {

constexpr std::int64_t bar_width = 24;
constexpr std::int64_t batch_size = 1000;

std::string estimate(cloudflare::email_security::sync_progress const& now, double per_second) {
    if (now.done >= now.total) return "done";
    if (per_second <= 0) return "ETA --";
    auto const left = now.total - now.done;
    auto seconds = static_cast<double>(left) / per_second;
    // What does not fit in this window waits for the next ones.
    auto const requests = static_cast<std::uint64_t>((left + batch_size - 1) / batch_size);
    if (now.quota.limit > 0 && requests > now.quota.remaining) {
        using as_seconds = std::chrono::duration<double>;
        seconds = std::max(seconds, as_seconds{now.quota.resets_in}.count());
    }
    auto const whole = static_cast<long>(std::ceil(seconds));
    std::ostringstream text;
    text << "ETA " << whole / 60 << ':' << (whole % 60 < 10 ? "0" : "") << whole % 60;
    return std::move(text).str();
}

}  // namespace

progress_display::progress_display(progress_form form)
    : is_terminal_{::isatty(STDERR_FILENO) != 0},
      is_on_{form == progress_form::always || (form == progress_form::automatic && is_terminal_)} {}

progress_display::~progress_display() {
    if (has_bar_) std::cerr << '\n';
}

void progress_display::show(cloudflare::email_security::sync_progress const& now) {
    if (!is_on_ || now.total == 0) return;
    using seconds = std::chrono::duration<double>;
    auto const elapsed = seconds{std::chrono::steady_clock::now() - start_}.count();
    auto const rate = elapsed > 0 ? static_cast<double>(now.done) / elapsed : 0.0;
    std::ostringstream line;
    if (is_terminal_) {
        auto const filled = bar_width * now.done / now.total;
        line << "\r[" << std::string(static_cast<std::size_t>(filled), '#')
             << std::string(static_cast<std::size_t>(bar_width - filled), '.') << "] ";
    }
    line << now.done << '/' << now.total << ' ' << 100 * now.done / now.total << "%  "
         << std::llround(rate) << "/s  " << now.requests << " requests  ";
    if (now.quota.limit > 0) {
        line << "quota left " << now.quota.remaining << '/' << now.quota.limit << "  ";
    }
    line << estimate(now, rate);
    // To the end of the line, as the one before may have been longer.
    line << (is_terminal_ ? "\x1b[K" : "\n");
    has_bar_ = is_terminal_;
    std::cerr << std::move(line).str() << std::flush;
}

}  // namespace cfes
