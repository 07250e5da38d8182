#pragma once

#include <cloudflare/result.hpp>

#include <optional>
#include <string>

namespace cloudflare::inline v0::email_security {

/// Checks a message that is given in base64, if it is: that it is that, and of no more bytes than
/// `missed_detection::max_eml_size`.
result<void> check_eml_content(std::optional<std::string> const& base64);

}  // namespace cloudflare::inline v0::email_security
