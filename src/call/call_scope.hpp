#pragma once

#include "call/client_core.hpp"
#include "quota/time.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::call {

/// What a call came to, for its `completed` event and its `response_info`.
struct summary {
    int attempts = 0;
    unsigned status = 0;  // of the last answer
    std::string ray_id;   // the same, when somebody asks for it
    /// When it ended, if that is known.
    std::chrono::steady_clock::time_point ended{};
};

/// One call as the caller sees it, from its start to its end: number, deadline, counts and events.
/// All requests that are sent for it, those of a look-up too, are sent within its scope. Thousands
/// may wait for the quota with no more than this.
class call_scope {
public:
    using clock = std::chrono::steady_clock;

    call_scope(client_core& the_core, detail::pending_request const& what,
               call_options const& the_options);
    call_scope(call_scope const&) = delete;
    call_scope& operator=(call_scope const&) = delete;

    std::uint64_t number() const noexcept { return running_.number(); }
    std::string_view account() const noexcept { return granted_for.account; }
    int max_retries() const {
        return options.max_retries().value_or(core.options.retry().max_retries());
    }
    /// Why the call must not be sent at all.
    std::optional<error> refusal(detail::pending_request const& what) const;
    /// The failure of what did not end before the deadline.
    error own_timeout() const;

    bool has_hook() const noexcept { return static_cast<bool>(core.telemetry->hook); }
    /// Whether somebody wants to know the ray id of an answer that is well.
    bool wants_ray_id() const noexcept { return has_hook() || options.info(); }

    /// Fills in what all events of a call have. Only for when there is a hook.
    event about(event::kind what, operation const& which, int attempt) const;
    void emit(event::kind what, operation const& which, int attempt, std::string_view reason = {},
              std::chrono::nanoseconds delay = {}) const;

    /// One more request is handed to the transport.
    void count_request(bool is_retry);
    /// One waits for the quota.
    /// When an answer was made, by its `Date`.
    void note_date(std::string_view date);
    void report_wait(quota_wait const& why, operation const& which, int attempt);

    // The end of the call: one of them is called, once.
    void succeed(summary const& done, std::vector<api_message> messages);
    /// The failure without what must not be shown, and with what is known of the whole call.
    error fail(error failure, summary const& done);
    /// The same of a call that was never sent.
    error fail(error failure);
    /// It ends by an exception, which goes on to the caller.
    void abandon();

    client_core& core;
    call_options const& options;
    grant_request const granted_for;
    clock::time_point const started = clock::now();
    clock::time_point const deadline =
        quota::after(started, options.timeout().value_or(core.options.timeout()));

private:
    void complete(std::string_view reason, summary const& done);

    call_in_flight running_;
    int requests_ = 0;
    int retries_ = 0;
    int throttled_ = 0;
};

}  // namespace cloudflare::inline v0::call
