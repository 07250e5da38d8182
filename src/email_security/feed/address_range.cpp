#include "email_security/feed/address_range.hpp"

#include "email_security/feed/feed_text.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/network_v4.hpp>

#include <bit>

namespace cloudflare::email_security {

namespace ip = boost::asio::ip;

std::optional<address_range> parse_range(std::string_view text) {
    auto const dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    boost::system::error_code failed;
    auto const first = ip::make_address_v4(trim(text.substr(0, dash)), failed);
    if (failed) return std::nullopt;
    auto const last = ip::make_address_v4(trim(text.substr(dash + 1)), failed);
    if (failed || last < first) return std::nullopt;
    return address_range{first.to_uint(), last.to_uint()};
}

std::vector<std::string> blocks_of(address_range range) {
    std::vector<std::string> blocks;
    std::uint64_t at = range.first;
    auto const end = std::uint64_t{range.last} + 1;
    while (at < end) {
        // As many host bits as the address has zeros at its end, and the range has room for.
        auto bits = at == 0 ? 32 : std::countr_zero(at);
        while ((std::uint64_t{1} << bits) > end - at) --bits;
        ip::network_v4 const block{ip::address_v4{static_cast<std::uint32_t>(at)},
                                   static_cast<unsigned short>(32 - bits)};
        blocks.push_back(block.to_string());
        at += std::uint64_t{1} << bits;
    }
    return blocks;
}

}  // namespace cloudflare::email_security
