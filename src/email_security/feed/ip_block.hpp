#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// A block of addresses of either family, as a CIDR prefix. One of IPv4 is held as its IPv4-mapped
/// block of IPv6 (RFC 4291, 2.5.5.2), so that both kinds compare. Bits of the host are off.
struct ip_block {
    std::uint64_t high = 0;  ///< of the first address
    std::uint64_t low = 0;
    std::uint32_t prefix = 0;  ///< bits, of the 128

    bool is_v4() const noexcept;
    bool contains(ip_block const& other) const noexcept;

    /// By the first address, wider ones first.
    friend auto operator<=>(ip_block const&, ip_block const&) = default;
};

/// The prefix, as it is written, of the widest block of its family that a feed may have unasked: of
/// IPv4 65,536 addresses, of IPv6 what a provider has.
int widest_prefix(ip_block const& block) noexcept;
/// Whether the block is wider.
bool is_too_wide(ip_block const& block) noexcept;

/// An address or a CIDR block; empty when the text is neither. One with a zone is not.
std::optional<ip_block> parse_ip_block(std::string_view text);

/// The canonical text: IPv4 with dots, IPv6 by RFC 5952; the prefix only where it is not a single
/// address.
std::string to_string(ip_block const& block);

}  // namespace cloudflare::inline v0::email_security
