#include "email_security/feed/ip_block.hpp"

#include "email_security/feed/ascii.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace cloudflare::inline v0::email_security {

namespace ip = boost::asio::ip;

namespace {

constexpr std::uint32_t all_bits = 128;
constexpr std::uint32_t bits_before_v4 = 96;
/// The words of an IPv4-mapped address before its last.
constexpr std::uint64_t v4_mapping = 0xffff;

/// The mask of the first `bits`, at most 64, of a half.
std::uint64_t mask(std::uint32_t bits) {
    // A shift by all bits is undefined.
    return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits);
}

std::uint64_t high_mask(std::uint32_t prefix) {
    return mask(std::min<std::uint32_t>(prefix, 64));
}

std::uint64_t low_mask(std::uint32_t prefix) {
    return mask(prefix > 64 ? prefix - 64 : 0);
}

ip_block to_block(ip::address_v6 const& address) {
    auto const bytes = address.to_bytes();
    ip_block block;
    for (std::size_t i = 0; i != 8; ++i) {
        block.high = block.high << 8U | bytes[i];
        block.low = block.low << 8U | bytes[i + 8];
    }
    block.prefix = all_bits;
    return block;
}

/// The number of bits after the slash, at most `most`.
std::optional<std::uint32_t> parse_length(std::string_view text, std::uint32_t most) {
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    std::uint32_t length = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), length);
    if (read.ec != std::errc{} || length > most) return std::nullopt;
    return length;
}

std::string to_hex(std::uint32_t group) {
    std::array<char, 4> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16).ptr;
    return {digits.data(), end};
}

/// A run of groups that are zero.
struct zeros {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// RFC 5952: groups without leading zeros, in lower case; the longest run of at least two zero
/// groups, the first of several, as `::`.
std::string to_v6_text(ip_block const& block) {
    std::array<std::uint32_t, 8> groups{};
    for (std::size_t i = 0; i != groups.size(); ++i) {
        auto const half = i < 4 ? block.high : block.low;
        groups[i] = static_cast<std::uint32_t>(half >> (3 - i % 4) * 16 & 0xffffU);
    }
    zeros longest;
    zeros run;
    for (std::size_t i = 0; i != groups.size(); ++i) {
        run = groups[i] != 0 ? zeros{i + 1, 0} : zeros{run.first, run.count + 1};
        if (run.count > longest.count) longest = run;
    }
    if (longest.count < 2) longest = {};
    std::string text;
    for (std::size_t i = 0; i != groups.size();) {
        if (longest.count != 0 && i == longest.first) {
            text += "::";
            i += longest.count;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += to_hex(groups[i++]);
    }
    return text;
}

}  // namespace

bool ip_block::is_v4() const noexcept {
    return high == 0 && low >> 32U == v4_mapping && prefix >= bits_before_v4;
}

int widest_prefix(ip_block const& block) noexcept {
    return block.is_v4() ? 16 : 32;
}

bool is_too_wide(ip_block const& block) noexcept {
    auto const before = block.is_v4() ? bits_before_v4 : 0;
    return block.prefix < before + static_cast<std::uint32_t>(widest_prefix(block));
}

bool ip_block::contains(ip_block const& other) const noexcept {
    return prefix <= other.prefix && ((high ^ other.high) & high_mask(prefix)) == 0 &&
           ((low ^ other.low) & low_mask(prefix)) == 0;
}

std::optional<ip_block> parse_ip_block(std::string_view text) {
    auto const slash = text.find('/');
    boost::system::error_code failed;
    auto const address = ip::make_address(text.substr(0, slash), failed);
    if (failed || text.find('%') != std::string_view::npos) return std::nullopt;
    auto const v6 =
        address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
    auto block = to_block(v6);
    if (slash == std::string_view::npos) return block;
    auto const before = address.is_v4() ? bits_before_v4 : 0;
    auto const length = parse_length(text.substr(slash + 1), all_bits - before);
    if (!length) return std::nullopt;
    block.prefix = before + *length;
    block.high &= high_mask(block.prefix);
    block.low &= low_mask(block.prefix);
    return block;
}

std::string to_string(ip_block const& block) {
    auto const is_v4 = block.is_v4();
    auto text = is_v4 ? ip::address_v4{static_cast<std::uint32_t>(block.low)}.to_string()
                      : to_v6_text(block);
    if (block.prefix != all_bits) {
        text += '/' + std::to_string(block.prefix - (is_v4 ? bits_before_v4 : 0));
    }
    return text;
}

}  // namespace cloudflare::inline v0::email_security
