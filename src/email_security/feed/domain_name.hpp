#pragma once

#include <cloudflare/result.hpp>

#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Why a text is nothing that a pattern can be.
inline constexpr char const* no_pattern =
    "is not an e-mail address, domain, IP address or CIDR block";

/// The form in which the DNS has a host name: lower case, international labels as A-labels (UTS
/// #46, non-transitional, and IDNA2008), without a final dot. `text` is UTF-8 without NUL.
///
/// An `xn--` label is taken as it is if it is Punycode: names that IDNA2008 does not allow, with
/// emoji for one, are registered all the same, and send mail.
///
/// Errors: `errc::invalid_argument`, whose `detail()` says what is wrong with it.
result<std::string> canonical_domain(std::string_view text);

}  // namespace cloudflare::inline v0::email_security
