#pragma once

#include <string>

namespace cloudflare::inline v0::email_security {

/// What libidn2 makes of a name, and its reason where it makes nothing.
struct idn_lookup {
    std::string name;
    int failed = 0;
};

/// By UTS #46, non-transitional, and IDNA2008. `text` is UTF-8 without NUL.
idn_lookup look_up_idn(std::string const& text);

/// Also with characters that IDNA2008 does not allow, as emoji: by UTS #46, transitional, alone.
idn_lookup look_up_any_idn(std::string const& text);

}  // namespace cloudflare::inline v0::email_security
