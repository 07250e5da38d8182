#pragma once

#include <cloudflare/result.hpp>

#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Whether a text is a pattern of a content policy: 1 to 2048 characters, and of the API's small
/// dialect of regular expressions, as far as that is documented: without groups and lookaround,
/// without counts that are open (`{n,}`) or above 50.
result<void> check_content_pattern(std::string_view value);

}  // namespace cloudflare::inline v0::email_security
