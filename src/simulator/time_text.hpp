#pragma once

#include "store.hpp"

#include <string>

namespace cloudflare::simulator {

/// RFC 3339 with microseconds: `2026-08-22T10:00:00.000000Z`
std::string to_rfc3339(timestamp when);
/// The form of HTTP's Date: `Sat, 22 Aug 2026 10:00:00 GMT`
std::string to_http_date(timestamp when);

}  // namespace cloudflare::simulator
