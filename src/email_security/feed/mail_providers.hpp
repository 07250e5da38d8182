#pragma once

#include <string_view>

namespace cloudflare::inline v0::email_security {

/// The text of `data/mail-providers.txt`.
std::string_view mail_providers_text() noexcept;

}  // namespace cloudflare::inline v0::email_security
