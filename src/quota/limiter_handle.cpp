#include "quota/limiter_handle.hpp"

#include "memory/await_until.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

/// What is being thrown, as the error of the call that it fails.
error failure_of(char const* member) {
    auto text = std::string{"the rate limiter's "} + member + " threw";
    try {
        throw;
    } catch (std::exception const& thrown) {
        text += ": ";
        text += thrown.what();
    } catch (...) {
        text += " something that is not a std::exception";
    }
    return error{errc::quota_unavailable, std::move(text)};
}

/// What a limiter was promised, which may need it longer than the call lasts.
struct asked_for {
    asked_for(std::shared_ptr<rate_limiter> of, grant_request const& what)
        : limiter{std::move(of)}, account{what.account}, request{what} {
        request.account = account;
    }

    /// A grant that came too late goes back.
    void dropped(result<void> const& granted) const noexcept {
        if (!granted) return;
        rate_limit_report unsent;
        unsent.sent = false;
        try {
            limiter->observe(unsent);
        } catch (...) {  // NOLINT(bugprone-empty-catch): its call has failed already
        }
    }

    std::shared_ptr<rate_limiter> limiter;
    std::string account;
    grant_request request;
};

}  // namespace

limiter_handle::limiter_handle(std::shared_ptr<rate_limiter> limiter)
    : limiter_{std::move(limiter)}, queue_{limiter_->queue()} {}

result<bool> limiter_handle::try_acquire(grant_request const& request) const noexcept {
    try {
        return limiter_->try_acquire(request);
    } catch (...) {
        return failure_of("try_acquire");
    }
}

task<result<void>> limiter_handle::acquire(grant_request request,
                                           std::chrono::steady_clock::time_point deadline,
                                           std::stop_token stop) const {
    if (queue_) co_return co_await queue_->wait(request.priority, deadline, std::move(stop));
    auto const& root = co_await this_root{};
    try {
        auto const asked = std::make_shared<asked_for>(limiter_, request);
        auto ended = co_await await_until(deadline, stop,
                                          limiter_->acquire(asked->request, deadline, stop), asked);
        if (ended) co_return ended->take();
        if (stop.stop_requested()) co_return error{errc::closed, "the client was closed"};
        co_return error{errc::quota_unavailable,
                        "the rate limiter did not return before the deadline"};
    } catch (boost::system::system_error const& thrown) {
        auto const is_abort = thrown.code() == boost::asio::error::operation_aborted;
        if (is_abort && root.is_cancelled()) throw;
        co_return failure_of("acquire");
    } catch (...) {
        co_return failure_of("acquire");
    }
}

quota_wait limiter_handle::why() const noexcept {
    quota_wait wait;
    wait.reason = "used_up";
    try {
        auto const known = limiter_->snapshot();
        if (known.blocked_for.count() > 0) {
            wait.reason = "refused";
            wait.delay = known.blocked_for;
        } else if (known.remaining == 0) {
            wait.delay = known.resets_in;
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): only a report is lost
    }
    return wait;
}

std::optional<error> limiter_handle::observe(rate_limit_report const& report) const noexcept {
    try {
        limiter_->observe(report);
        return std::nullopt;
    } catch (...) {
        return failure_of("observe");
    }
}

void limiter_handle::wake_all() const {
    if (queue_) queue_->wake_all();
}

}  // namespace cloudflare::inline v0
