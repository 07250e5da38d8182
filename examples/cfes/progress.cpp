#include "progress.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cfes {

namespace {

/// Characters in a line of the terminal.
std::size_t terminal_width() {
    winsize size{};
    bool const is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : 80;
}

bool waits(cloudflare::quota_snapshot const& quota) {
    return quota.waiting > 0 || quota.blocked_for.count() > 0;
}

}  // namespace

progress_display::progress_display(progress_form form,
                                   cloudflare::email_security::sync_options const& options,
                                   cloudflare::client const& of)
    : is_terminal_{::isatty(STDERR_FILENO) != 0},
      is_on_{form == progress_form::always || (form == progress_form::automatic && is_terminal_)},
      client_{of},
      timer_{of.get_executor()} {
    view_.batch_size = options.batch_size();
    view_.concurrency = options.concurrency();
    view_.limits = of.options().rate_limit();
    view_.has_bar = is_terminal_;
    if (is_on_ && is_terminal_) redraw_later();
}

progress_display::~progress_display() {
    if (has_bar_) std::cerr << '\n';
}

void progress_display::show(cloudflare::email_security::sync_progress const& now) {
    if (!is_on_ || now.total == 0) return;
    auto const time = clock::now();
    if (view_.now.total == 0) {
        // Before this the list was read.
        start_ = time;
    } else {
        has_waited_ = has_waited_ || waits(now.quota);
        pace_.add(now.requests - view_.now.requests,
                  std::chrono::duration_cast<std::chrono::milliseconds>(time - told_), has_waited_);
    }
    has_waited_ = waits(now.quota);
    told_ = time;
    view_.now = now;
    if (is_due(now)) draw();
}

/// Not more than anyone can read: a bar ten times a second, a line for each percent.
bool progress_display::is_due(cloudflare::email_security::sync_progress const& now) const {
    if (now.done == now.total) return true;
    if (is_terminal_) return !has_bar_ || clock::now() - drawn_ >= std::chrono::milliseconds{100};
    return 100 * now.done / now.total != drawn_percent_;
}

void progress_display::redraw_later() {
    timer_.expires_after(std::chrono::seconds{1});
    std::weak_ptr<bool> const alive = alive_;
    timer_.async_wait([this, alive](boost::system::error_code ec) {
        if (ec || alive.expired()) return;
        auto const quota = client_.quota();
        if (has_bar_ && waits(quota)) {
            has_waited_ = true;
            view_.now.quota = quota;
            draw();
        }
        redraw_later();
    });
}

void progress_display::draw() {
    drawn_ = clock::now();
    drawn_percent_ = 100 * view_.now.done / view_.now.total;
    view_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(drawn_ - start_);
    view_.round_trip = pace_.round_trip(view_.concurrency);
    auto text = render_progress(view_);
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
