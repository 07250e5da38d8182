#include "progress.hpp"

#include "output.hpp"
#include "screen.hpp"

#include <algorithm>
#include <string>
#include <unistd.h>
#include <utility>

namespace cfes {

namespace es = cloudflare::email_security;

namespace {

/// Characters in a line of the terminal.
std::size_t terminal_width() {
    return width_of(STDERR_FILENO).value_or(80);
}

}  // namespace

progress_display::progress_display(session const& with, progress_form form,
                                   es::sync_options const& options)
    : is_terminal_{can_draw_status()},
      is_on_{!with.globals().quiet &&
             (form == progress_form::always || (form == progress_form::automatic && is_terminal_))},
      watch_{with.watch()},
      client_{with.client()},
      timer_{client_.get_executor()} {
    view_.batch_size = options.batch_size();
    view_.concurrency = options.concurrency();
    view_.limits = client_.options().rate_limit();
    view_.has_bar = is_terminal_;
    if (!is_on_) return;
    watch_.leave_quota_waits(true);
    look_later();
}

progress_display::~progress_display() {
    if (has_bar_) end_status();
    watch_.leave_quota_waits(false);
}

void progress_display::show(es::sync_progress const& now) {
    if (!is_on_) return;
    auto const time = clock::now();
    bool const was_reading = view_.now.phase == es::sync_phase::reading;
    if (!has_begun_ || was_reading != (now.phase == es::sync_phase::reading)) {
        // Pages and batches take different times.
        has_begun_ = true;
        start_ = time;
        pace_ = {};
        drawn_step_ = -1;
    } else {
        has_waited_ = has_waited_ || quota_wait(now.quota);
        pace_.add(now.requests - view_.now.requests,
                  std::chrono::duration_cast<std::chrono::milliseconds>(time - last_progress_),
                  has_waited_);
    }
    has_waited_ = quota_wait(now.quota).has_value();
    last_progress_ = time;
    view_.now = now;
    if (is_due()) draw();
}

void progress_display::pause() {
    if (std::exchange(has_bar_, false)) end_status();
    has_begun_ = false;
}

/// Not more than anyone can read.
bool progress_display::is_due() const {
    auto const& now = view_.now;
    bool const is_reading = now.phase == es::sync_phase::reading;
    auto const total = is_reading ? now.to_read : now.total;
    // Where there is nothing to read or to change, there is nothing to tell; but that the first
    // page is awaited, a bar tells.
    if (total == 0) return is_reading && is_terminal_;
    if ((is_reading ? now.read : now.done) == total) return true;
    if (is_terminal_) return !has_bar_ || clock::now() - drawn_ >= std::chrono::milliseconds{100};
    return step() != drawn_step_;
}

std::int64_t progress_display::step() const {
    auto const& now = view_.now;
    if (now.phase == es::sync_phase::reading) {
        return 10 * now.read / std::max(now.to_read, std::int64_t{1});
    }
    return 100 * now.done / std::max(now.total, std::int64_t{1});
}

void progress_display::look_later() {
    timer_.expires_after(std::chrono::seconds{1});
    std::weak_ptr<bool> const alive = alive_;
    timer_.async_wait([this, alive](boost::system::error_code ec) {
        if (ec || alive.expired()) return;
        look_at_quota();
        look_later();
    });
}

void progress_display::look_at_quota() {
    auto const quota = client_.quota();
    bool const waits = has_begun_ && quota_wait(quota);
    if (waits) {
        has_waited_ = true;
        view_.now.quota = quota;
        if (is_terminal_ || !has_shown_wait_) draw();
    }
    has_shown_wait_ = waits;
}

void progress_display::draw() {
    drawn_ = clock::now();
    drawn_step_ = step();
    has_shown_wait_ = quota_wait(view_.now.quota).has_value();
    view_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(drawn_ - start_);
    view_.round_trip = pace_.round_trip(view_.concurrency);
    auto text = render_progress(view_);
    if (is_terminal_) {
        // A line that wraps could not be drawn over. The last column is the cursor's.
        text = fit_progress(std::move(text), terminal_width() - 1);
        draw_status(std::move(text));
    } else {
        remark(text);
    }
    has_bar_ = is_terminal_;
}

}  // namespace cfes
