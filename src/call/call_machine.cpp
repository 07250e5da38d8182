#include "call/call_machine.hpp"

#include <utility>

namespace cloudflare::inline v0::call {

namespace {

/// Whether the call was ended from outside, which it then says, whatever went before.
bool is_ended_by_caller(error const& why) {
    return why.code() == errc::cancelled || why.code() == errc::closed;
}

outcome public_form(request_outcome became) noexcept {
    switch (became) {
        case request_outcome::not_sent:
            return outcome::not_sent;
        case request_outcome::rejected:
            return outcome::rejected;
        case request_outcome::unknown:
        case request_outcome::applied:
            break;
    }
    return outcome::unknown;
}

}  // namespace

machine::machine(request_traits what, retry_settings const& settings, time_point deadline,
                 retry_budget& budget) noexcept
    : what_{what}, settings_{settings}, deadline_{deadline}, budget_{budget} {}

step machine::granted() noexcept {
    ++attempts_;
    return {action::send};
}

step machine::refused(error why) {
    if (failure_ && why.code() == errc::timed_out) {
        // That the caller's time is over is why the call fails; what went before explains it.
        failure_ = error{errc::timed_out, why.detail() + ", after " + failure_->message()};
    } else if (!failure_ || is_ended_by_caller(why)) {
        failure_ = std::move(why);
    }
    return finish();
}

step machine::succeeded(attempt_outcome const& seen) noexcept {
    last_ = seen;
    return succeed();
}

step machine::failed(attempt_outcome const& seen, error why, time_point now, double random01) {
    auto const earlier = std::exchange(became_, combine(became_, outcome_of(seen)));
    last_ = seen;
    failure_ = std::move(why);
    // Gone already, by an earlier attempt whose answer was lost.
    if (what_.is_delete && earlier == request_outcome::unknown &&
        failure_->code() == errc::not_found) {
        return succeed();
    }

    attempts_so_far const before{attempts_ - 1, refused_};
    if (seen.kind == failure::status && seen.status == 429) ++refused_;
    auto const next = decide(settings_, budget_, before, seen, what_.kind, what_.can_look_up, now,
                             deadline_, random01);
    if (next.what == verdict::give_up) {
        if (next.why == reason::budget_exhausted) failure_->code(errc::retry_budget_exhausted);
        return is_worth_looking_up(next.why, now) ? look_up_at_last(now) : finish();
    }
    sends_again_ = true;
    next_ = {next.what == verdict::retry ? action::acquire : action::look_up};
    return {action::pause, next.delay, next.why};
}

/// Nothing more will be sent, yet the caller's question is open.
bool machine::is_worth_looking_up(reason why, time_point now) const noexcept {
    return what_.can_look_up && became_ == request_outcome::unknown && why != reason::cancelled &&
           last_.kind != failure::thrown && now < deadline_;
}

step machine::look_up_at_last(time_point now) {
    sends_again_ = false;
    next_ = {action::look_up};
    auto const wait = settling_time(settings_);
    // Too early is better than not at all: what is found is there.
    if (!may_be_under_way(last_) || now + wait >= deadline_) return next_;
    return {action::pause, wait};
}

step machine::looked_up(entry_match what, error why) {
    switch (what) {
        case entry_match::same:
            return succeed();
        case entry_match::differs:
            failure_ = std::move(why);
            return finish();
        case entry_match::other:
            break;
    }
    // The outcome stays open: the server did not say that it will not do it.
    return sends_again_ ? step{action::acquire} : finish();
}

step machine::not_looked_up(error why) {
    if (is_ended_by_caller(why)) failure_ = std::move(why);
    return finish();
}

step machine::cancelled() {
    failure_ = error{errc::cancelled, {}};
    return finish();
}

step machine::succeed() noexcept {
    budget_.refill();
    failure_.reset();
    return {action::finish};
}

step machine::finish() {
    // A read has nothing to apply.
    auto const became =
        what_.is_read && became_ == request_outcome::unknown ? request_outcome::not_sent : became_;
    failure_->attempts(attempts_).outcome(public_form(became));
    return {action::finish};
}

}  // namespace cloudflare::inline v0::call
