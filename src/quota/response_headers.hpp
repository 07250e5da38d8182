#pragma once

#include "quota/time.hpp"

#include <boost/container/small_vector.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Parsers of the response headers that steer retrying and pacing. Each takes a field's value as it
/// came off the wire, and answers "nothing" to anything that it does not understand: a header can
/// make the client slower, never make it fail.
namespace cloudflare::policy {

/// One item of `Ratelimit`: what is left of a quota, and when it is whole again.
struct ratelimit_item {
    /// Which quota, e.g. `default`.
    std::string name;
    /// `r`: requests left in the window.
    std::uint64_t remaining = 0;
    /// `t`: time to the window's end; the server speaks in whole seconds.
    duration reset{};

    friend bool operator==(ratelimit_item const&, ratelimit_item const&) = default;
};

/// One item of `Ratelimit-Policy`: how large a quota is, and how long its window.
struct ratelimit_policy_item {
    /// Which quota, e.g. `default`.
    std::string name;
    /// `q`: requests a window.
    std::uint64_t quota = 0;
    /// `w`: the window's length.
    duration window{};

    friend bool operator==(ratelimit_policy_item const&, ratelimit_policy_item const&) = default;
};

/// Servers have one or two quotas, which need no memory of their own.
using ratelimit_list = boost::container::small_vector<ratelimit_item, 2>;
using ratelimit_policy_list = boost::container::small_vector<ratelimit_policy_item, 2>;

/// `Retry-After` (RFC 9110, 10.2.3): whole seconds or an IMF-fixdate. A date in the past gives
/// zero, a long wait gives `max_server_wait`. `now` is needed for a date only. The two obsolete
/// date formats are not understood.
[[nodiscard]] std::optional<duration> parse_retry_after(std::string_view value,
                                                        std::chrono::system_clock::time_point now);

/// `retry-after-ms`: whole milliseconds; a long wait gives `max_server_wait`.
[[nodiscard]] std::optional<duration> parse_retry_after_ms(std::string_view value) noexcept;

/// `Ratelimit: "default";r=50;t=30`, a structured-field list (RFC 9651). Empty when the list as a
/// whole is malformed (the RFC has such a field ignored); an item without a usable `r` and `t` is
/// left out. A `t` beyond `max_server_wait` is cut to it.
[[nodiscard]] ratelimit_list parse_ratelimit(std::string_view value);

/// `Ratelimit-Policy: "default";q=1200;w=300`, under the same rules. An item whose quota or window
/// is zero is left out: it could not be obeyed.
[[nodiscard]] ratelimit_policy_list parse_ratelimit_policy(std::string_view value);

/// `x-should-retry`: `true` or `false` in any case.
[[nodiscard]] std::optional<bool> parse_should_retry(std::string_view value) noexcept;

}  // namespace cloudflare::policy
