#pragma once

#include <cloudflare/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Times as people give and read them: in the zone of the environment (TZ), or in UTC.
namespace cfes {

/// From now on, the zone is UTC.
void use_utc();

/// The time that a text means: RFC 3339; `2026-11-20 10:00`, `2026-11-20T10:00:30` or a date, its
/// first moment, in the zone; `30m`, `2h`, `3d` or `2w` before now; `now`; `today` or `yesterday`,
/// which begin at midnight. Empty when it means none.
std::optional<cloudflare::timestamp> to_time(std::string_view text, cloudflare::timestamp now);
/// What `to_time` takes.
inline constexpr std::string_view time_forms =
    "a time such as 2h, 3d, today, yesterday, 2026-01-31, '2026-01-31 12:00' or "
    "2026-01-31T12:00:00Z";

/// `11-27 05:37`, or with its year when that is not the one of `now`.
std::string to_short_time(cloudflare::timestamp value, cloudflare::timestamp now);
/// `05:37:58`
std::string to_time_of_day(cloudflare::timestamp value);
/// `2026-11-27 05:37:58 +0100`
std::string to_long_time(cloudflare::timestamp value);

cloudflare::timestamp current_time();

}  // namespace cfes
