#pragma once

#include <cloudflare/detail/export.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// A moment in UTC, as precise as Cloudflare's.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads an RFC 3339 date-time with any length of fraction (digits after the sixth are dropped) and
/// any offset. Empty when the text is something else.
CLOUDFLARE_EXPORT std::optional<timestamp> parse_timestamp(std::string_view text) noexcept;

/// RFC 3339 in UTC, `2014-01-01T05:20:00.123450Z`.
CLOUDFLARE_EXPORT std::string to_string(timestamp value);

}  // namespace cloudflare::inline v0
