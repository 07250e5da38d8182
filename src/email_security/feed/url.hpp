#pragma once

#include <cloudflare/result.hpp>

#include <string_view>

/// URLs in the place of a pattern.
namespace cloudflare::inline v0::email_security {

/// A text that has one of the marks of a URL: `://` or `//` in front, a port or a path behind a
/// name. A CIDR block with something behind it is none.
bool looks_like_url(std::string_view text);

/// The host of a URL, without user and port. What is left of one that nobody can be sure of is
/// refused: other text before the scheme, or a second URL or name behind the first.
result<std::string_view> host_of_url(std::string_view url);

/// Why an IPv4 address and a slash are no block; null when something else is wrong with it.
char const* block_fault(std::string_view text);

}  // namespace cloudflare::inline v0::email_security
