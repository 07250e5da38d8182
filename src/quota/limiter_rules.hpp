#pragma once

#include "quota/response_headers.hpp"
#include "quota/sliding_count.hpp"
#include "quota/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::quota {

/// What is known of the server's limits before it has said a word. The defaults are Cloudflare's:
/// 1200 requests in 5 minutes a user, 200 a second an IP address.
struct rate_policy {
    /// Requests a window; 0 switches the whole limiter off.
    std::uint64_t quota = 1200;
    /// The window's length.
    duration window = std::chrono::seconds{300};
    /// Share of the quota left to the user's other clients: floor(quota * reserve) requests.
    double reserve = 0.01;
    /// Grants in any second; 0 for no such limit.
    std::uint64_t per_second = 200;
};

/// What an answer says of the limits.
struct observed {
    /// HTTP status.
    unsigned status = 200;
    /// `Ratelimit`, parsed; empty if there was none.
    ratelimit_list limits{};
    /// `Ratelimit-Policy`, parsed; empty if there was none.
    ratelimit_policy_list policies{};
    /// `retry-after-ms`, else `Retry-After`.
    std::optional<duration> retry_after{};
};

/// The limiter's view, for metrics.
struct rate_snapshot {
    /// Requests a window of the tightest quota; 0 when the limiter is off.
    std::uint64_t limit = 0;
    /// How long that window is.
    duration window{};
    /// At least so many requests are left in that window, the reserve included. Before the server's
    /// word in a window: nothing.
    std::optional<std::uint64_t> remaining{};
    /// Requests that were granted and have not ended.
    std::uint64_t in_flight = 0;
    /// When that window ends, if the server has said.
    std::optional<time_point> window_end{};
    /// Until when a 429 holds everything back, if one does.
    std::optional<time_point> gate_end{};
};

/// Why a request is not granted.
enum class wait_reason : unsigned char {
    none,
    first_answer,  ///< what is left is not known; a request is under way that will tell
    used_up,       ///< the requests of a window, the reserve apart
    per_second,
    refused,  ///< by a 429, whose time has not passed
};

/// As in `event::reason`.
[[nodiscard]] std::string_view to_string(wait_reason why) noexcept;

/// Decides when the next request may go, so that none is sent that the server is known to refuse,
/// and all of the quota but a reserve can be used.
///
/// Each grant ends in exactly one call of `observe` or `abandon`. Cheap: `take` is O(1) amortised
/// and does not allocate. Not thread-safe.
class rate_limiter {
public:
    /// Starts from a policy that the server's headers then correct.
    explicit rate_limiter(rate_policy policy = {});

    /// Asks for one request. A result that is not after `now` grants it and counts it as in flight;
    /// a later one does not, and says when to ask again: then, or after the next `observe` or
    /// `abandon`, whichever comes first, as either may have made room. `time_point::max()` says
    /// that only one of these can.
    [[nodiscard]] time_point take(time_point now);

    /// Why the latest `take` granted nothing.
    [[nodiscard]] wait_reason why() const noexcept { return why_; }
    /// After a `take` that granted nothing: how long whoever has so many others ahead of it will
    /// wait, as far as is known; zero when it cannot.
    [[nodiscard]] duration expected_wait(time_point now, std::uint64_t ahead) const noexcept;

    /// A granted request was answered.
    void observe(observed const& answer, time_point now);

    /// A granted request ended without an answer. If no byte of it was sent it is as if never
    /// granted; else the server may have counted it.
    void abandon(time_point now, bool sent = true);

    /// The present view.
    [[nodiscard]] rate_snapshot snapshot(time_point now) const;

private:
    // Grants that ended without the server's word on them. It has counted each or it has not, so
    // each counts as spent until an answer to a later grant has reported a number that includes it.
    // Which grant an answer belongs to is not known, but of k + 1 answers after an ending that left
    // k in flight, one at least belongs to a later grant.
    struct lost_grants {
        std::uint64_t settling = 0;  // spoken for after `answers_needed` more answers
        std::uint64_t answers_needed = 0;
        std::uint64_t waiting = 0;  // lost while others were settling

        void add(std::uint64_t in_flight) noexcept;
        void answered(std::uint64_t in_flight) noexcept;
        [[nodiscard]] std::uint64_t count() const noexcept { return settling + waiting; }
    };

    // One of the server's quotas, by its name in the headers, as of its latest known window.
    struct quota_window {
        std::string name;
        std::uint64_t quota = 0;
        duration window{};
        bool window_known = false;    // by the server; else the longest reset seen
        bool window_open = false;     // the next two are known
        std::uint64_t remaining = 0;  // lowest reported in this window: answers overtake each other
        time_point end{};             // earliest reported in this window
        lost_grants lost{};
        // A grant was made after the window's end with nothing older in flight: whatever comes now
        // was said after that end.
        bool drained = false;
        bool counted_anew = false;  // since the window's end
    };

    // A quota of which only the size is known: what is spent is counted here, by when it ended.
    struct counted_quota {
        std::string name;
        std::uint64_t quota = 0;
        duration window{};
        bool is_in_force = true;  // false: the server's numbers are obeyed in its place
        sliding_count ended;      // requests that the server may have counted
    };

    // How the server rounds the seconds to the window's end.
    enum class rounding { unknown, up, not_up };

    [[nodiscard]] std::uint64_t reserve_of(std::uint64_t quota) const noexcept;
    [[nodiscard]] std::uint64_t spare(quota_window const& quota) const noexcept;
    [[nodiscard]] time_point reopens(quota_window const& quota) const noexcept;
    [[nodiscard]] quota_window const* tightest() const noexcept;
    [[nodiscard]] bool over(quota_window const& quota, time_point now) const noexcept;
    [[nodiscard]] bool probing(time_point now) const noexcept;
    [[nodiscard]] quota_window* find(std::string_view name) noexcept;
    [[nodiscard]] bool is_full(counted_quota& counted, time_point now) const noexcept;
    [[nodiscard]] counted_quota const& smallest() const noexcept;
    [[nodiscard]] duration longest_window() const noexcept;
    void wait_until(time_point when, wait_reason why) noexcept;
    void count_windows_anew(time_point now);
    void choose_those_in_force() noexcept;
    void learn_policies(ratelimit_policy_list const& policies, time_point now);
    void learn_policy(quota_window& quota) const;
    void learn(quota_window& quota, ratelimit_item const& item, time_point now);
    void learn_absence(ratelimit_list const& limits, time_point now);
    void learn_without_headers(unsigned status, time_point now);
    void close_gate(observed const& answer, time_point now);

    rate_policy policy_;                  // that is assumed
    ratelimit_policy_list policies_;      // that the server has named
    std::vector<quota_window> quotas_;    // whose numbers it has reported
    std::vector<counted_quota> counted_;  // one for each of `policies_`, else for what is assumed
    bool local_ = false;                  // the server tells no numbers
    std::uint64_t in_flight_ = 0;
    sliding_count per_second_;  // grants
    // Probing: the numbers are not known, so requests go one at a time until an answer tells them.
    // An answer that does not, as in an outage, lets two more go for its one: they become as many
    // as are offered soon, but not all at once.
    bool must_probe_ = false;
    std::uint64_t probes_ = 0;
    std::uint64_t probes_allowed_ = 1;
    time_point last_probe_{};
    time_point last_heard_{};
    rounding rounding_ = rounding::unknown;
    std::optional<time_point> gate_{};
    duration next_gate_{};  // for a 429 that names no time
    // Of the latest `take`.
    time_point when_{};
    wait_reason why_ = wait_reason::none;
};

}  // namespace cloudflare::inline v0::quota
