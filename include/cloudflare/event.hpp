#pragma once

#include <cloudflare/detail/export.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace cloudflare::inline v0 {

/// One thing that happened inside a client. Never holds credentials, bodies or patterns; the views
/// are valid only during the call of the hook.
struct event {
    /// What may happen.
    enum class kind {
        throttled,          ///< the request waits for the quota, as `delay` and `reason` say
        attempt_started,    ///< the request was handed to the transport
        attempt_ended,      ///< an answer is there (`status`), or none came (`reason`)
        retry_scheduled,    ///< the request will be sent again after `delay`, because of `reason`
        completed,          ///< the call ended, well or not
        connection_opened,  ///< a TLS connection was established
        connection_reused,  ///< an idle connection serves the attempt
        connection_closed,  ///< because of `reason`
    };

    kind what{};                 ///< what happened
    std::uint64_t call = 0;      ///< number of the call within the client; 0: no call's
    std::string_view method;     ///< `GET`, `POST`, …
    std::string_view operation;  ///< path template, without identifiers
    std::string_view account;    ///< identifier of the call's account; empty: none
    std::string_view tag;        ///< `call_options::tag`
    int attempt = 0;             ///< from 1
    unsigned status = 0;         ///< 0 when there was no answer
    std::string_view ray_id;     ///< `CF-Ray`; empty when there was no answer
    /// Why. Of `throttled`: `used_up` (the requests of a window, the reserve apart), `per_second`,
    /// `refused` (the time that a 429 named has not passed), `first_answer` (what is left is not
    /// known, and the request that will tell has been under way for a second; shorter waits for
    /// that are not reported), `lease` (the same, of a `leasing_rate_limiter`'s store), or `queue`
    /// (others go first).
    std::string_view reason;
    std::chrono::nanoseconds delay{};    ///< how long the wait is expected to be; 0: not known
    std::chrono::nanoseconds elapsed{};  ///< since the start of the attempt or the call
};

/// Its name.
CLOUDFLARE_EXPORT std::string_view to_string(event::kind value) noexcept;

/// Receives the events of a client. Called inline, possibly from several threads at once; must be
/// quick and must not throw.
using event_hook = std::function<void(event const&)>;

/// Counters since the client was made.
struct metrics {
    std::uint64_t calls = 0;                ///< ended calls
    std::uint64_t failures = 0;             ///< of which failed
    std::uint64_t requests = 0;             ///< attempts handed to the transport
    std::uint64_t retries = 0;              ///< of which not the first of their call
    std::uint64_t throttled = 0;            ///< attempts of which an event `throttled` was emitted
    std::uint64_t rate_limited = 0;         ///< answers 429
    std::uint64_t connections_opened = 0;   ///< TLS handshakes done
    std::uint64_t connections_resumed = 0;  ///< of which with a resumed session
    std::uint64_t connections_reused = 0;   ///< attempts on an idle connection
    std::uint64_t bytes_sent = 0;           ///< HTTP bytes, without TLS
    std::uint64_t bytes_received = 0;       ///< the same
};

}  // namespace cloudflare::inline v0
