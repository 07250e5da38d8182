#pragma once

#include "email_security/feed/ip_block.hpp"

#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Adds the IP addresses and blocks that a text may mean, in whatever notation: with a prefix, mask
/// or wildcards, cut after some of its parts, as a range, with leading zeros, with its parts in the
/// order of the DNS, behind a word and a colon. Rather too many than too few.
void add_addresses_in(std::string_view text, std::vector<ip_block>& found);

}  // namespace cloudflare::inline v0::email_security
