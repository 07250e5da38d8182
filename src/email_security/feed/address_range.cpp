#include "email_security/feed/address_range.hpp"

#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <bit>

namespace cloudflare::inline v0::email_security {

namespace {

/// The last address of the block that begins at `first` and has these bits for its hosts.
ip_block last_of(ip_block first, std::uint32_t bits) {
    // A shift by all bits is undefined.
    auto const ones = [](std::uint32_t count) {
        return count == 0 ? 0 : ~std::uint64_t{0} >> (64 - count);
    };
    first.low |= ones(std::min<std::uint32_t>(bits, 64));
    first.high |= ones(bits > 64 ? bits - 64 : 0);
    return first;
}

std::uint32_t zeros_at_end(ip_block const& address) {
    auto const zeros = address.low != 0 ? std::countr_zero(address.low)
                                        : 64 + std::countr_zero(address.high);
    return static_cast<std::uint32_t>(zeros);
}

}  // namespace

std::optional<address_range> make_range(std::string_view first, std::string_view last) {
    bool const is_single = first.find('/') == std::string_view::npos &&
                           last.find('/') == std::string_view::npos;
    if (!is_single) return std::nullopt;
    auto const from = parse_ip_block(first);
    auto const to = parse_ip_block(last);
    if (!from || !to || from->is_v4() != to->is_v4() || *to < *from) return std::nullopt;
    return address_range{*from, *to};
}

std::optional<address_range> parse_range(std::string_view text) {
    // Most texts with a hyphen are names.
    constexpr std::string_view allowed = "0123456789abcdefABCDEF:.- \t";
    if (text.find_first_not_of(allowed) != std::string_view::npos) return std::nullopt;
    auto const dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    return make_range(trim(text.substr(0, dash)), trim(text.substr(dash + 1)));
}

std::vector<ip_block> blocks_of(address_range const& range) {
    std::vector<ip_block> blocks;
    for (auto at = range.first;;) {
        // As many host bits as the address has zeros at its end, and the range has room for.
        auto bits = zeros_at_end(at);
        while (range.last < last_of(at, bits)) --bits;
        auto const last = last_of(at, bits);
        auto& block = blocks.emplace_back(at);
        block.prefix -= bits;
        if (last == range.last) return blocks;
        at = last;
        if (++at.low == 0) ++at.high;
    }
}

}  // namespace cloudflare::inline v0::email_security
