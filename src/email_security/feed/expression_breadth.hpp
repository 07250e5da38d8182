#pragma once

#include "email_security/feed/sender_expression.hpp"

#include <cloudflare/detail/pattern_index.hpp>

#include <string>

/// What a regular expression takes in, as far as trying it tells.
namespace cloudflare::inline v0::email_security {

/// Whether an expression of a type matches a pattern, or some of what that stands for: an address
/// at a domain, the domain of an address, the first address of a block.
bool may_match(sender_expression const& expression, pattern_type type, pattern_key const& key);

/// Senders that have nothing to do with each other and that an expression all matches, so that it
/// is hardly meant for some: those at a top-level domain, or in a block of IPv4 of /8. Empty when
/// there are none.
std::string unrelated_senders(sender_expression const& expression, pattern_type type);

}  // namespace cloudflare::inline v0::email_security
