#include "quota/ticket_queue.hpp"
#include "quota/timer_thread.hpp"

#include <cloudflare/leasing_rate_limiter.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <string>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

namespace {

constexpr unsigned too_many_requests = 429;

/// For a 429 that names no time, and between leases that give nothing.
constexpr std::chrono::seconds usual_refusal{1};
constexpr std::chrono::milliseconds shortest_pause{100};

/// What one answer said. A reset is a time since the clock's epoch.
quota_report report_of(rate_limit_report const& answer, clock::time_point now) {
    quota_report said;
    said.answers = 1;
    said.limits = parse_ratelimit(answer.ratelimit);
    for (auto& item : said.limits) item.reset += now.time_since_epoch();
    said.policies = parse_ratelimit_policy(answer.ratelimit_policy);
    said.numbered = said.limits.empty() ? 0 : 1;
    said.silent = said.limits.empty() && answer.status != 0 ? 1 : 0;
    said.refused = answer.status == too_many_requests;
    said.retry_after = answer.retry_after;
    return said;
}

std::string text_of(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (std::exception const& what) {
        return what.what();
    } catch (...) {
        return "something that is not a std::exception";
    }
}

}  // namespace

void quota_report::add(quota_report const& later) {
    answers += later.answers;
    numbered += later.numbered;
    silent += later.silent;
    for (auto const& item : later.limits) {
        auto const same = std::find_if(limits.begin(), limits.end(),
                                       [&](auto const& known) { return known.name == item.name; });
        if (same == limits.end()) {
            limits.push_back(item);
        } else {
            same->remaining = std::min(same->remaining, item.remaining);
            same->reset = std::min(same->reset, item.reset);
        }
    }
    if (!later.policies.empty()) policies = later.policies;
    refused = refused || later.refused;
    if (later.retry_after) {
        retry_after = std::max(retry_after.value_or(*later.retry_after), *later.retry_after);
    }
}

/// The queue, and what is left of the lease.
class leasing_rate_limiter::state final : public ticket_queue {
public:
    state(asio::any_io_executor executor, leasing_options options)
        : executor_{std::move(executor)}, options_{options} {}

    /// The limiter is gone. What the library's own thread still holds must not hold on to the
    /// executor, whose context may end now.
    void detach() {
        std::optional<asio::any_io_executor> last;
        std::lock_guard const lock{mutex_};
        last.swap(executor_);
    }

    /// Known only once the limiter is in its shared pointer.
    void bind(std::weak_ptr<leasing_rate_limiter> limiter) {
        std::lock_guard const lock{mutex_};
        if (limiter_.expired()) limiter_ = std::move(limiter);
    }

    bool try_acquire() {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        return is_empty() && take(now) <= now;
    }

    void observe(rate_limit_report const& answer) {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        if (answer.status == 0 && !answer.sent) {
            give_back(now);
        } else {
            if (in_flight_ > 0) --in_flight_;
            unreported_.add(report_of(answer, now));
            is_urgent_ = is_urgent_ || std::exchange(is_probe_, false);
        }
        if (answer.status == too_many_requests) {
            auto const wait = answer.retry_after.value_or(usual_refusal);
            refused_until_ = std::max(refused_until_, now + wait);
            unused_ += std::exchange(left_, 0);
            is_urgent_ = true;
        }
        if (is_urgent_) {
            tidy_up();
        } else {
            tidy_up_later();
        }
        grant(now);
        wake_first();
    }

    quota_snapshot snapshot() const {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        quota_snapshot view;
        view.limit = std::max<std::uint64_t>(leased_, 1);
        view.remaining = now < until_ ? left_ : 0;
        auto const rest = [now](time_point when) {
            return std::chrono::ceil<std::chrono::milliseconds>(std::max(when, now) - now);
        };
        view.resets_in = rest(until_);
        view.blocked_for = rest(refused_until_);
        view.waiting = size();
        return view;
    }

    unreported_quota take_unreported() {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        unreported_quota what;
        what.report = take_report(now);
        what.unused = std::exchange(unused_, 0);
        what.in_flight = in_flight_;
        return what;
    }

    asio::awaitable<void> flush(std::shared_ptr<leasing_rate_limiter> limiter) {
        {
            std::lock_guard const lock{mutex_};
            unused_ += std::exchange(left_, 0);
        }
        co_await tell(std::move(limiter));
    }

private:
    /// One lease that was asked for. When it is dropped without an answer, as by the end of its
    /// context, it has failed.
    class errand {
    public:
        errand(std::shared_ptr<state> of, std::uint64_t number)
            : of_{std::move(of)}, number_{number} {}
        ~errand() { end(error{errc::quota_unavailable, "the executor of the leases has ended"}); }
        errand(errand const&) = delete;
        errand& operator=(errand const&) = delete;

        void end(result<quota_lease> got) {
            if (!std::exchange(is_over_, true)) of_->on_leased(number_, std::move(got));
        }

    private:
        std::shared_ptr<state> of_;
        std::uint64_t number_;
        bool is_over_ = false;
    };

    std::shared_ptr<state> self() { return std::static_pointer_cast<state>(shared_from_this()); }

    time_point take(time_point now) override {
        wait_ = {};
        if (now < refused_until_) {
            wait_.reason = "refused";
            wait_.delay = refused_until_ - now;
            return refused_until_;
        }
        if (left_ > 0 && now < until_) {
            --left_;
            ++in_flight_;
            last_grant_ = now;
            return now;
        }
        if (now < ask_at_) {
            wait_.reason = "used_up";
            wait_.delay = ask_at_ - now;
            return ask_at_;
        }
        wait_.reason = "lease";
        wait_.is_brief = true;
        left_ = 0;
        ask_for_lease();
        return time_point::max();
    }

    void give_back(time_point now) override {
        if (in_flight_ > 0) --in_flight_;
        if (now < until_ && now >= refused_until_) {
            ++left_;
        } else {
            ++unused_;
        }
    }

    quota_wait why(time_point, std::size_t) override { return wait_; }

    // What follows is called with the mutex held.

    quota_report take_report(time_point now) {
        auto what = std::exchange(unreported_, quota_report{});
        is_urgent_ = false;
        for (auto& each : what.limits) {
            each.reset = std::max(each.reset - now.time_since_epoch(), clock::duration{});
        }
        return what;
    }

    void ask_for_lease() {
        if (is_asking_ || !executor_) return;
        is_asking_ = true;
        // Nothing of the caller's runs under the mutex.
        asio::post(*executor_, [self = self()] { self->begin_lease(); });
    }

    void tidy_up() {
        if (is_tidying() || !executor_) return;
        tidying_since_ = clock::now();
        asio::post(*executor_,
                   [self = self(), number = ++tidyings_] { self->begin_to_tidy_up(number); });
    }

    /// One that takes longer than a lease may is left behind.
    bool is_tidying() const {
        return tidying_since_ && clock::now() < *tidying_since_ + options_.timeout();
    }

    void tidy_up_later() {
        if (is_timer_set_ || !make_timers()) return;
        is_timer_set_ = true;
        timer_->expires_after(options_.interval());
        timer_->async_wait([weak = weak_from_this()](boost::system::error_code ec) {
            auto const self = weak.lock();
            if (!ec && self) static_cast<state&>(*self).on_interval();
        });
    }

    /// False: there can be no thread for them.
    bool make_timers() {
        if (timer_) return true;
        try {
            timers_ = timer_thread::of_process();
            timer_.emplace(timers_->context());
            patience_.emplace(timers_->context());
            return true;
        } catch (std::exception const&) {
            return false;
        }
    }

    // And what follows without.

    void begin_lease() {
        std::shared_ptr<leasing_rate_limiter> limiter;
        std::shared_ptr<errand> run;
        std::uint64_t wanted = 0;
        std::optional<asio::any_io_executor> on;
        {
            std::lock_guard const lock{mutex_};
            limiter = limiter_.lock();
            on = executor_;
            if (!limiter || !on) {
                is_asking_ = false;
                fail_all(error{errc::quota_unavailable, "the limiter is gone"});
                return;
            }
            wanted = std::clamp<std::uint64_t>(
                size(), options_.batch(), std::max(options_.batch(), options_.largest_batch()));
            run = std::make_shared<errand>(self(), ++errands_);
            if (make_timers()) {
                patience_->expires_after(options_.timeout());
                patience_->async_wait(
                    [weak = weak_from_this(), number = errands_](boost::system::error_code ec) {
                        auto const self = weak.lock();
                        if (!ec && self) static_cast<state&>(*self).give_up_lease(number);
                    });
            }
        }
        asio::co_spawn(*on, ask(std::move(limiter), wanted),
                       [run](std::exception_ptr thrown, result<quota_lease> got) {
                           if (thrown) got = error{errc::quota_unavailable, text_of(thrown)};
                           run->end(std::move(got));
                       });
    }

    static asio::awaitable<result<quota_lease>> ask(std::shared_ptr<leasing_rate_limiter> limiter,
                                                    std::uint64_t wanted) {
        co_return co_await limiter->lease(wanted);
    }

    void give_up_lease(std::uint64_t number) {
        std::lock_guard const lock{mutex_};
        if (number != errands_ || !is_asking_) return;
        is_asking_ = false;
        ++errands_;  // what it still brings is not wanted
        fail_all(error{errc::quota_unavailable, "the lease took too long"});
    }

    void on_leased(std::uint64_t number, result<quota_lease> got) {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        if (number != errands_) {
            if (got) unused_ += got->requests;
            tidy_up_later();
            return;
        }
        is_asking_ = false;
        if (patience_) patience_->cancel();
        if (!got) {
            auto failure = got.error();
            failure.code(errc::quota_unavailable);
            fail_all(failure);
            return;
        }
        if (got->requests > 0 && got->until > now) {
            left_ = leased_ = got->requests;
            until_ = got->until;
            is_probe_ = got->is_probe;
        } else {
            ask_at_ = std::max(got->until, now + shortest_pause);
        }
        tidy_up_later();
        grant(now);
        wake_first();
    }

    void on_interval() {
        auto const now = clock::now();
        std::lock_guard const lock{mutex_};
        is_timer_set_ = false;
        if (!is_tidying()) tidying_since_.reset();
        if (now - last_grant_ >= options_.interval() || now >= until_) {
            auto const rest = std::exchange(left_, 0);
            if (now < until_) unused_ += rest;
        }
        if (unreported_.answers > 0 || unused_ > 0) tidy_up();
        if (left_ > 0 || tidying_since_) tidy_up_later();
    }

    void begin_to_tidy_up(std::uint64_t number) {
        std::shared_ptr<leasing_rate_limiter> limiter;
        std::optional<asio::any_io_executor> on;
        {
            std::lock_guard const lock{mutex_};
            limiter = limiter_.lock();
            on = executor_;
        }
        if (!limiter || !on) return;
        asio::co_spawn(*on, tell(std::move(limiter)),
                       [self = self(), number](std::exception_ptr) { self->on_tidied_up(number); });
    }

    asio::awaitable<void> tell(std::shared_ptr<leasing_rate_limiter> limiter) {
        quota_report what;
        {
            std::lock_guard const lock{mutex_};
            what = take_report(clock::now());
        }
        try {
            if (what.answers > 0) co_await limiter->report(std::move(what));
        } catch (...) {  // NOLINT(bugprone-empty-catch): as documented
        }
        std::uint64_t unused = 0;
        {
            // What the report has not told as well.
            std::lock_guard const lock{mutex_};
            std::swap(unused, unused_);
        }
        try {
            if (unused > 0) co_await limiter->give_back(unused);
        } catch (...) {  // NOLINT(bugprone-empty-catch)
        }
    }

    void on_tidied_up(std::uint64_t number) {
        std::lock_guard const lock{mutex_};
        if (number != tidyings_) return;
        tidying_since_.reset();
        if (is_urgent_) {
            tidy_up();
        } else if (unreported_.answers > 0 || unused_ > 0 || left_ > 0) {
            tidy_up_later();
        }
    }

    std::optional<asio::any_io_executor> executor_;  // until the limiter is gone
    leasing_options const options_;
    std::weak_ptr<leasing_rate_limiter> limiter_;

    std::uint64_t leased_ = 0;
    std::uint64_t left_ = 0;  // of those
    time_point until_{};
    time_point ask_at_{};
    time_point refused_until_{};
    time_point last_grant_{};
    quota_wait wait_;  // why the latest `take` granted nothing

    std::uint64_t in_flight_ = 0;  // granted, and not observed
    bool is_probe_ = false;        // the lease: its first answer is to be reported at once
    bool is_urgent_ = false;       // what is not reported yet

    bool is_asking_ = false;
    std::uint64_t errands_ = 0;
    std::uint64_t tidyings_ = 0;
    std::optional<time_point> tidying_since_;
    bool is_timer_set_ = false;
    quota_report unreported_;
    std::uint64_t unused_ = 0;  // to be given back

    std::shared_ptr<timer_thread> timers_;
    std::optional<asio::steady_timer> timer_;
    std::optional<asio::steady_timer> patience_;
};

leasing_rate_limiter::leasing_rate_limiter(asio::any_io_executor executor, leasing_options options)
    : state_{std::make_shared<state>(std::move(executor), options)} {}

leasing_rate_limiter::~leasing_rate_limiter() {
    state_->detach();
}

bool leasing_rate_limiter::try_acquire(grant_request const&) {
    state_->bind(weak_from_this());
    return state_->try_acquire();
}

asio::awaitable<result<void>> leasing_rate_limiter::acquire(grant_request request,
                                                            clock::time_point deadline,
                                                            std::stop_token stop) {
    state_->bind(weak_from_this());
    return run(state_->wait(request.priority, deadline, std::move(stop)));
}

void leasing_rate_limiter::observe(rate_limit_report const& report) {
    state_->bind(weak_from_this());
    state_->observe(report);
}

quota_snapshot leasing_rate_limiter::snapshot() const {
    return state_->snapshot();
}

asio::awaitable<void> leasing_rate_limiter::flush() {
    return state_->flush(shared_from_this());
}

unreported_quota leasing_rate_limiter::take_unreported() {
    return state_->take_unreported();
}

asio::awaitable<void> leasing_rate_limiter::give_back(std::uint64_t) {
    co_return;
}

ticket_queue* leasing_rate_limiter::queue() noexcept {
    state_->bind(weak_from_this());
    return state_.get();
}

}  // namespace cloudflare::inline v0
