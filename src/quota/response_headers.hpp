#pragma once

#include "quota/time.hpp"

#include <cloudflare/ratelimit_fields.hpp>

#include <boost/container/small_vector.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Parsers of the response headers that steer retrying and pacing. Each takes a field's value as it
/// came off the wire, and answers "nothing" to anything that it does not understand: a header can
/// make the client slower, never make it fail.
namespace cloudflare::inline v0::quota {

/// Servers have one or two quotas, which need no memory of their own.
using ratelimit_list = boost::container::small_vector<ratelimit_item, 2>;
using ratelimit_policy_list = boost::container::small_vector<ratelimit_policy_item, 2>;

/// `Retry-After` (RFC 9110, 10.2.3): whole seconds or an IMF-fixdate. A date in the past gives
/// zero, a long wait gives `max_server_wait`. `now` is needed for a date only. The two obsolete
/// date formats are not understood.
[[nodiscard]] std::optional<duration> parse_retry_after(std::string_view value,
                                                        std::chrono::system_clock::time_point now);

/// `Date` (RFC 9110, 6.6.1): an IMF-fixdate.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_date(std::string_view value) noexcept;

/// `retry-after-ms`: whole milliseconds; a long wait gives `max_server_wait`.
[[nodiscard]] std::optional<duration> parse_retry_after_ms(std::string_view value) noexcept;

/// As `cloudflare::parse_ratelimit`, without an allocation for what servers send.
[[nodiscard]] ratelimit_list parse_ratelimit(std::string_view value);
/// In the place of what is there.
void parse_ratelimit_into(std::string_view value, ratelimit_list& items);

/// As `cloudflare::parse_ratelimit_policy`, the same.
[[nodiscard]] ratelimit_policy_list parse_ratelimit_policy(std::string_view value);

/// `x-should-retry`: `true` or `false` in any case.
[[nodiscard]] std::optional<bool> parse_should_retry(std::string_view value) noexcept;

}  // namespace cloudflare::inline v0::quota
