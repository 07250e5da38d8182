#pragma once

#include "email_security/feed/ip_block.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Addresses of one family from the first to the last one, both single.
struct address_range {
    ip_block first;
    ip_block last;
};

/// The range between two addresses, in their order; empty when it would be none.
std::optional<address_range> make_range(std::string_view first, std::string_view last);

/// `a-b`, also with blanks around the `-`; empty when it is not that.
std::optional<address_range> parse_range(std::string_view text);

/// The fewest CIDR blocks that have just these addresses: at most 62 of IPv4, 254 of IPv6.
std::vector<ip_block> blocks_of(address_range const& range);

}  // namespace cloudflare::inline v0::email_security
