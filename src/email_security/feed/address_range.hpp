#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::email_security {

/// IPv4 addresses from the first to the last one.
struct address_range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

/// `a-b`, also with blanks around the `-`; empty when it is not that.
std::optional<address_range> parse_range(std::string_view text);

/// The fewest CIDR blocks that have just these addresses; at most 62.
std::vector<std::string> blocks_of(address_range range);

}  // namespace cloudflare::email_security
