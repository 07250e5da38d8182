#pragma once

#include "call/retry_policy.hpp"

#include <cloudflare/detail/entry_match.hpp>
#include <cloudflare/error.hpp>

#include <optional>

namespace cloudflare::inline v0::call {

/// What is known of a request before it is sent.
struct request_traits {
    semantics kind = semantics::idempotent;
    bool is_read = false;      ///< it changes nothing
    bool is_delete = false;    ///< that the entry is gone is all that it is to bring about
    bool can_look_up = false;  ///< what it did can be read back, and the caller wants that
};

/// What is to be done next.
enum class action {
    acquire,  ///< have another attempt granted: `granted`, `refused`
    send,     ///< make an attempt: `succeeded`, `failed`
    pause,    ///< wait for `delay`: `paused`
    look_up,  ///< read back what the request did: `looked_up`, `not_looked_up`
    finish,   ///< the call is over: `failure` says how
};

struct step {
    action what = action::finish;
    /// Of a pause.
    duration delay{};
    /// Of a pause, when the request is or may be sent again after it.
    std::optional<reason> retry_because{};
};

/// The life of one request from its first grant to the end of its call: what is done when something
/// has happened. It does none of it itself, and reads no clock, so that tests can run it through
/// every order of events. After each event whoever drives it does what the returned step says.
/// `cancelled` may come instead of any other event.
class machine {
public:
    /// The budget must outlive it.
    machine(request_traits what, retry_settings const& settings, time_point deadline,
            retry_budget& budget) noexcept;

    /// An attempt may be sent.
    step granted() noexcept;
    /// None is, for this reason.
    step refused(error why);

    /// The attempt brought a usable answer.
    step succeeded(attempt_outcome const& seen) noexcept;
    /// It did not. `random01` is uniform in [0, 1].
    step failed(attempt_outcome const& seen, error why, time_point now, double random01);

    /// The pause is over.
    step paused() noexcept { return next_; }

    /// What was read back: the entry, another with its key (`why` is about it), or neither.
    step looked_up(entry_match what, error why);
    /// It could not be read back.
    step not_looked_up(error why);

    /// The caller cancelled.
    step cancelled();

    /// Attempts so far.
    int attempts() const noexcept { return attempts_; }
    /// The status of the last answer; 0 when the last attempt brought none.
    unsigned status() const noexcept { return last_.status; }
    /// Once it is over: why the call failed, with its outcome; none if it succeeded.
    std::optional<error> const& failure() const noexcept { return failure_; }

private:
    step succeed() noexcept;
    step finish();
    bool is_worth_looking_up(reason why, time_point now) const noexcept;
    step look_up_at_last(time_point now);

    request_traits what_;
    retry_settings settings_;
    time_point deadline_;
    retry_budget& budget_;

    int attempts_ = 0;
    int refused_ = 0;  // with 429
    attempt_outcome last_;
    request_outcome became_ = request_outcome::not_sent;  // by all attempts together
    bool sends_again_ = false;                            // after a look-up that found nothing
    step next_;                                           // after the pause
    std::optional<error> failure_;                        // of the last attempt
};

}  // namespace cloudflare::inline v0::call
