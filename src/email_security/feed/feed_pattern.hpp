#pragma once

#include <cloudflare/email_security/feed.hpp>

namespace cloudflare::inline v0::email_security {

/// As `recognise_pattern`, of what is not to be blocked: also what the API does not take, as
/// private networks and top-level domains.
result<recognised_pattern> recognise_protected(std::string_view text,
                                               std::optional<pattern_type> type);

}  // namespace cloudflare::inline v0::email_security
