#pragma once

#include <cloudflare/email_security/feed.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Why a text of several words is refused.
inline constexpr std::string_view several_words = "has more than one word";

/// What a text in the place of a pattern names.
struct indicator {
    recognised_pattern pattern;
    std::vector<recognised_pattern> more;  ///< of a range of addresses, its other blocks
    bool was_defanged = false;
};

/// Reads a text in the place of a pattern: defanged, as a mailbox or `mailto:`, as `@domain`, as a
/// range of addresses; by the options as a URL or a wildcard. What comes out is never wider than
/// what the text names.
///
/// Errors: `errc::invalid_argument`, whose `detail()` says why, and names the option that would
/// help. The text itself is not in it.
result<indicator> read_indicator(std::string_view text, feed_reading const& how,
                                 std::optional<pattern_type> type);

/// The text with `[.]`, `(at)`, `hxxp` and the like as they are meant.
std::string refang(std::string_view text);

}  // namespace cloudflare::inline v0::email_security
