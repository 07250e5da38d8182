#pragma once

#include "store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::simulator {

/// RFC 3339 with microseconds: `2026-08-22T10:00:00.000000Z`
std::string to_rfc3339(timestamp when);
/// Reads RFC 3339 with any offset and fraction; what is below a microsecond is cut off.
std::optional<timestamp> from_rfc3339(std::string_view text);
/// Reads a date alone, `2026-08-22`; the first moment of it.
std::optional<timestamp> from_date(std::string_view text);
/// The form of HTTP's Date: `Sat, 22 Aug 2026 10:00:00 GMT`
std::string to_http_date(timestamp when);

}  // namespace cloudflare::inline v0::simulator
