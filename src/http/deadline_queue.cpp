#include "http/deadline_queue.hpp"

#include <algorithm>
#include <new>
#include <sys/socket.h>
#include <utility>

namespace cloudflare::inline v0::http {

namespace {

// A pending timer keeps the context running after the last call. But to take it back at once would
// make every call set it anew where calls come one after the other: another system call each.
constexpr std::chrono::milliseconds linger{10};

}  // namespace

deadline_queue::guard::guard(deadline_queue& queue, int descriptor, time_point deadline)
    : queue_{queue}, descriptor_{descriptor}, deadline_{deadline} {
    queue_.add(*this);
}

deadline_queue::guard::~guard() {
    if (!lifted_) queue_.remove(*this);
}

bool deadline_queue::guard::lift() {
    lifted_ = true;
    queue_.remove(*this);
    return !ended_;
}

bool deadline_queue::guard::expired() const {
    std::lock_guard const lock{queue_.mutex_};
    return ended_ && !queue_.cut_off_;
}

bool deadline_queue::guard::cut_off() const {
    std::lock_guard const lock{queue_.mutex_};
    return queue_.cut_off_;
}

deadline_queue::deadline_queue(boost::asio::any_io_executor const& executor) : timer_{executor} {}

void deadline_queue::add(guard& what) {
    std::lock_guard const lock{mutex_};
    // First, as it may throw, and the guard is then none.
    auto const first = std::min(what.deadline_, call_at_);
    if (!cut_off_ && first < armed_for_) arm(first);
    // Deadlines mostly come in order, so the end is the right place to try first.
    guards_.insert(guards_.cend(), what);
    if (cut_off_) end(what);
}

void deadline_queue::remove(guard& what) {
    std::lock_guard const lock{mutex_};
    if (!what.ended_) guards_.erase(guards_.iterator_to(what));
    if (!guards_.empty() || armed_for_ == time_point::max()) return;
    auto const soon = std::chrono::steady_clock::now() + linger;
    if (armed_for_ <= soon) return;
    try {
        arm(soon);
    } catch (std::bad_alloc const&) {  // NOLINT(bugprone-empty-catch)
        // Then nothing is pending, which is what it is for.
    }
}

void deadline_queue::arm(time_point when) {
    // Until it is: what was pending has ended, and what begins may throw.
    armed_for_ = time_point::max();
    timer_.expires_at(when);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code ec) {
        auto const queue = self.lock();
        if (queue && !ec) queue->on_timer();
    });
    armed_for_ = when;
}

void deadline_queue::on_timer() {
    std::function<void()> due;
    {
        std::lock_guard const lock{mutex_};
        auto const now = std::chrono::steady_clock::now();
        end_overdue(now);
        if (call_at_ <= now) {
            call_at_ = time_point::max();
            due = std::exchange(call_, nullptr);
        }
        if (guards_.empty()) {
            armed_for_ = time_point::max();
        } else if (armed_for_ <= now) {
            arm(std::min(guards_.begin()->deadline_, call_at_));
        }
    }
    if (due) due();
}

void deadline_queue::end_overdue(time_point now) {
    while (!guards_.empty() && guards_.begin()->deadline_ <= now) end(*guards_.begin());
}

void deadline_queue::call_at(time_point when, std::function<void()> what) {
    std::lock_guard const lock{mutex_};
    call_at_ = when;
    call_ = std::move(what);
    if (!cut_off_ && !guards_.empty() && when < armed_for_) arm(when);
}

void deadline_queue::cut_off() {
    std::lock_guard const lock{mutex_};
    cut_off_ = true;
    while (!guards_.empty()) end(*guards_.begin());
    armed_for_ = time_point::max();
    timer_.cancel();
}

void deadline_queue::end(guard& what) {
    what.queue_.guards_.erase(what.queue_.guards_.iterator_to(what));
    what.ended_ = true;
    ::shutdown(what.descriptor_, SHUT_RDWR);
}

}  // namespace cloudflare::inline v0::http
