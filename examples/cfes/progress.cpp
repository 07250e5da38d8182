#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cfes {

namespace {

constexpr std::int64_t bar_width = 24;

/// Characters in a line of the terminal.
std::size_t terminal_width() {
    winsize size{};
    bool const is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : 80;
}

}  // namespace

std::string progress_display::estimate(cloudflare::email_security::sync_progress const& now,
                                       double per_second) const {
    if (now.done >= now.total) return "done";
    if (per_second <= 0) return "ETA --";
    auto const left = now.total - now.done;
    auto seconds = static_cast<double>(left) / per_second;
    // What does not fit in this window waits for the next ones.
    auto const requests = (static_cast<std::uint64_t>(left) + batch_size_ - 1) / batch_size_;
    if (now.quota.limit > 0 && requests > now.quota.remaining) {
        using as_seconds = std::chrono::duration<double>;
        auto const later = requests - now.quota.remaining;
        auto const windows = (later + now.quota.limit - 1) / now.quota.limit;
        auto const window = as_seconds{client_.options().rate_limit().window()}.count();
        auto const wait =
            as_seconds{now.quota.resets_in}.count() + static_cast<double>(windows - 1) * window;
        seconds = std::max(seconds, wait);
    }
    auto const whole = static_cast<long>(std::ceil(seconds));
    std::ostringstream text;
    text << "ETA " << whole / 60 << ':' << (whole % 60 < 10 ? "0" : "") << whole % 60;
    return std::move(text).str();
}

progress_display::progress_display(progress_form form, std::size_t batch_size,
                                   cloudflare::client const& of)
    : is_terminal_{::isatty(STDERR_FILENO) != 0},
      is_on_{form == progress_form::always || (form == progress_form::automatic && is_terminal_)},
      batch_size_{batch_size},
      client_{of},
      timer_{of.get_executor()} {
    if (is_on_ && is_terminal_) redraw_later();
}

progress_display::~progress_display() {
    if (has_bar_) std::cerr << '\n';
}

void progress_display::show(cloudflare::email_security::sync_progress const& now) {
    if (!is_on_ || now.total == 0) return;
    last_ = now;
    draw(last_);
}

void progress_display::redraw_later() {
    timer_.expires_after(std::chrono::seconds{1});
    std::weak_ptr<bool> const alive = alive_;
    timer_.async_wait([this, alive](boost::system::error_code ec) {
        if (ec || alive.expired()) return;
        auto const quota = client_.quota();
        bool const waits = quota.waiting > 0 || quota.blocked_for.count() > 0;
        if (has_bar_ && waits) {
            last_.quota = quota;
            draw(last_);
        }
        redraw_later();
    });
}

void progress_display::draw(cloudflare::email_security::sync_progress const& now) {
    using seconds = std::chrono::duration<double>;
    auto const elapsed = seconds{std::chrono::steady_clock::now() - start_}.count();
    auto const rate = elapsed > 0 ? static_cast<double>(now.done) / elapsed : 0.0;
    std::ostringstream line;
    if (is_terminal_) {
        auto const filled = bar_width * now.done / now.total;
        line << '[' << std::string(static_cast<std::size_t>(filled), '#')
             << std::string(static_cast<std::size_t>(bar_width - filled), '.') << "] ";
    }
    line << now.done << '/' << now.total << ' ' << 100 * now.done / now.total << "%  "
         << std::llround(rate) << "/s  " << now.requests << " requests  ";
    if (now.quota.limit > 0) {
        line << "quota left " << now.quota.remaining << '/' << now.quota.limit << "  ";
    }
    line << estimate(now, rate);
    auto text = std::move(line).str();
    if (is_terminal_) {
        // A line that wraps could not be drawn over. The last column is the cursor's.
        text.resize(std::min(text.size(), terminal_width() - 1));
        // To the end of the line, as the one before may have been longer.
        text = '\r' + text + "\x1b[K";
    } else {
        text += '\n';
    }
    has_bar_ = is_terminal_;
    std::cerr << text << std::flush;
}

}  // namespace cfes
