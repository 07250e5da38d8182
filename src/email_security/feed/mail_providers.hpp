#pragma once

#include <string_view>

namespace cloudflare::email_security {

/// The text of `data/mail-providers.txt`.
std::string_view mail_providers_text() noexcept;

}  // namespace cloudflare::email_security
