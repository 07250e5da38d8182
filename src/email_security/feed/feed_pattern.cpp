#include "email_security/feed/ascii.hpp"
#include "email_security/feed/domain_name.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>

namespace cloudflare::email_security {

namespace ip = boost::asio::ip;

namespace {

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

struct special_network {
    char const* block;
    char const* what;
};

/// What IANA's registry of special-purpose IPv4 addresses has as not globally reachable, or
/// deprecated, and multicast, which never sends mail.
constexpr std::array special_networks{
    special_network{"0.0.0.0/8", "\"this network\""},
    special_network{"10.0.0.0/8", "private"},
    special_network{"100.64.0.0/10", "shared (carrier-grade NAT)"},
    special_network{"127.0.0.0/8", "loopback"},
    special_network{"169.254.0.0/16", "link-local"},
    special_network{"172.16.0.0/12", "private"},
    special_network{"192.0.0.0/24", "reserved"},
    special_network{"192.0.2.0/24", "documentation"},
    special_network{"192.88.99.0/24", "deprecated (6to4 relays)"},
    special_network{"192.168.0.0/16", "private"},
    special_network{"198.18.0.0/15", "benchmarking"},
    special_network{"198.51.100.0/24", "documentation"},
    special_network{"203.0.113.0/24", "documentation"},
    special_network{"224.0.0.0/4", "multicast"},
    special_network{"240.0.0.0/4", "reserved"},
};

/// The special block that shares an address with `network`; null when it is all global.
special_network const* find_special(ip::network_v4 const& network) {
    static auto const blocks = [] {
        std::array<ip::network_v4, special_networks.size()> made;
        std::ranges::transform(special_networks, made.begin(), [](special_network const& each) {
            return ip::make_network_v4(each.block);
        });
        return made;
    }();
    for (std::size_t i = 0; i != blocks.size(); ++i) {
        auto const shorter = std::min(blocks[i].prefix_length(), network.prefix_length());
        ip::network_v4 const wider{network.address(), shorter};
        ip::network_v4 const other{blocks[i].address(), shorter};
        if (wider.network() == other.network()) return &special_networks[i];
    }
    return nullptr;
}

result<std::string> canonical_network(std::string_view text) {
    boost::system::error_code failed;
    ip::network_v4 network;
    if (text.find('/') != std::string_view::npos) {
        network = ip::make_network_v4(text, failed);
    } else if (auto const address = ip::make_address_v4(text, failed); !failed) {
        network = {address, 32};
    }
    if (failed) return refusal("is not an IPv4 address or CIDR block");
    network = network.canonical();
    if (auto const* const special = find_special(network)) {
        auto const* const why = network.prefix_length() < 8
                                    ? "is too wide: it has addresses that are "
                                      "not globally reachable: "
                                    : "is not globally reachable: ";
        return refusal(std::string{why} + special->what + ", " + special->block);
    }
    return network.prefix_length() == 32 ? network.address().to_string() : network.to_string();
}

bool is_local_part(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return !text.empty() && text.size() <= 64 && text.front() != '.' && text.back() != '.' &&
           text.find("..") == std::string_view::npos && std::ranges::all_of(text, [others](char c) {
               return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
           });
}

/// What stands between the quotes of a local part (RFC 5321); empty when it is not one.
std::optional<std::string_view> quoted_text(std::string_view local) {
    if (local.size() < 3 || local.size() > 64 || local.front() != '"' || local.back() != '"') {
        return std::nullopt;
    }
    auto const inside = local.substr(1, local.size() - 2);
    for (std::size_t i = 0; i != inside.size(); ++i) {
        if (inside[i] == '\\' && ++i == inside.size()) return std::nullopt;
        if (inside[i] < ' ' || inside[i] > '~') return std::nullopt;
        if (inside[i] == '"' && (i == 0 || inside[i - 1] != '\\')) return std::nullopt;
    }
    return inside;
}

result<std::string> canonical_email(std::string_view text) {
    auto const at = text.rfind('@');
    if (at == std::string_view::npos) return refusal("is not an e-mail address");
    auto local = text.substr(0, at);
    auto const quoted = quoted_text(local);
    if (quoted && is_local_part(*quoted)) local = *quoted;  // the same mailbox (RFC 5321, 4.1.2)
    if (!quoted && !is_local_part(local)) {
        return refusal(std::ranges::any_of(local, [](char c) { return c < 0; })
                           ? "is not an e-mail address: only ASCII may stand before the @"
                           : "is not an e-mail address");
    }
    auto const domain = canonical_domain(text.substr(at + 1));
    if (!domain && domain.error().detail() == no_pattern) {
        return refusal("is not an e-mail address: no domain follows the @");
    }
    if (!domain) return refusal("is not an e-mail address: the domain " + domain.error().detail());
    // Only the receiving host may say that the case of the local part does not matter.
    auto address = std::string{local} + '@' + *domain;
    if (address.size() > 254) return refusal("is longer than the 254 characters of an address");
    return address;
}

/// An IPv6 address or block, as far as its text tells.
std::optional<ip::network_v6> parse_v6(std::string_view text) {
    if (text.find(':') == std::string_view::npos) return std::nullopt;
    boost::system::error_code failed;
    if (text.find('/') != std::string_view::npos) {
        auto const network = ip::make_network_v6(text, failed);
        return failed ? std::nullopt : std::optional{network};
    }
    auto const address = ip::make_address_v6(text, failed);
    if (failed) return std::nullopt;
    return ip::network_v6{address, 128};
}

/// The IPv4 block in an IPv4-mapped one (RFC 4291, 2.5.5.2); empty when that is not all of it.
std::optional<std::string> mapped_v4(ip::network_v6 const& network) {
    constexpr unsigned short mapping = 96;
    if (!network.address().is_v4_mapped() || network.prefix_length() < mapping) return std::nullopt;
    auto const address = ip::make_address_v4(ip::v4_mapped, network.address());
    return ip::network_v4{address, static_cast<unsigned short>(network.prefix_length() - mapping)}
        .to_string();
}

pattern_type guess(std::string_view text) {
    if (text.find('@') != std::string_view::npos) return pattern_type::email;
    auto const in_network = [](char c) { return is_digit(c) || c == '.' || c == '/'; };
    return std::ranges::all_of(text, in_network) ? pattern_type::ip : pattern_type::domain;
}

result<std::string> canonical(std::string_view text, pattern_type type) {
    switch (type) {
        case pattern_type::email:
            return canonical_email(text);
        case pattern_type::domain:
            return canonical_domain(text);
        case pattern_type::ip:
            return canonical_network(text);
        case pattern_type::unknown:
            break;
    }
    return check_pattern_type(type).error();
}

}  // namespace

result<recognised_pattern> recognise_pattern(std::string_view text,
                                             std::optional<pattern_type> type) {
    if (auto const valid = check_pattern(text); !valid) return valid.error();
    std::string v4;
    if (auto const network = parse_v6(text)) {
        auto mapped = mapped_v4(*network);
        if (!mapped) return refusal("is IPv6, which the API does not take");
        text = v4 = std::move(*mapped);
    }
    recognised_pattern found;
    found.type = type.value_or(guess(text));
    auto form = canonical(text, found.type);
    if (!form) return form.error();
    found.pattern = std::move(*form);
    return found;
}

}  // namespace cloudflare::email_security
