#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// A day, in UTC.
using date = std::chrono::sys_days;

/// `2026-11-28`
std::string to_text(date day);
/// Empty when the text is not one.
std::optional<date> parse_date(std::string_view text);

}  // namespace cloudflare::inline v0::email_security
