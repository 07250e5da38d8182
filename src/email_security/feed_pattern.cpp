#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/validation.hpp>

#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/network_v4.hpp>

#include <algorithm>
#include <array>

namespace cloudflare::email_security {

namespace ip = boost::asio::ip;

namespace {

// Not <cctype>: that depends on the locale.
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_alphanumeric(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

struct special_network {
    char const* block;
    char const* what;
};

/// What IANA's registry of special-purpose IPv4 addresses has as not globally reachable, and
/// multicast, which never sends mail.
constexpr std::array special_networks{
    special_network{"0.0.0.0/8", "\"this network\""},
    special_network{"10.0.0.0/8", "private"},
    special_network{"100.64.0.0/10", "shared (carrier-grade NAT)"},
    special_network{"127.0.0.0/8", "loopback"},
    special_network{"169.254.0.0/16", "link-local"},
    special_network{"172.16.0.0/12", "private"},
    special_network{"192.0.0.0/24", "reserved"},
    special_network{"192.0.2.0/24", "documentation"},
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
    if (failed) return refusal("is no IPv4 address or CIDR block");
    network = network.canonical();
    if (auto const* const special = find_special(network)) {
        return refusal(std::string{"is not globally reachable: "} + special->what + ", " +
                       special->block);
    }
    return network.prefix_length() == 32 ? network.address().to_string() : network.to_string();
}

constexpr char const* no_pattern = "is no e-mail address, domain, IPv4 address or CIDR block";

/// What is wrong with a host name; null when nothing is.
char const* host_fault(std::string_view name) {
    if (name.size() > 253) return "is longer than the 253 characters of a host name";
    std::size_t labels = 0;
    for (;;) {
        auto const dot = name.find('.');
        auto const label = name.substr(0, dot);
        if (label.size() > 63) return "has a label of more than 63 characters";
        bool const sound =
            !label.empty() && label.front() != '-' && label.back() != '-' &&
            std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
        if (!sound) {
            bool const is_ascii = std::ranges::none_of(name, [](char c) { return c < 0; });
            return is_ascii ? no_pattern
                            : "is not ASCII: an international name must be in its xn-- form";
        }
        ++labels;
        if (dot == std::string_view::npos) {
            if (labels < 2) return "is no domain: it has no dot";
            // A last label of digits alone would make it an address.
            if (std::ranges::all_of(label, is_digit)) return "is no domain or IPv4 address";
            return nullptr;
        }
        name.remove_prefix(dot + 1);
    }
}

result<std::string> canonical_domain(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (auto const* const fault = host_fault(text)) return refusal(fault);
    std::string name{text};
    std::ranges::transform(name, name.begin(), to_lower);
    return name;
}

bool is_local_part(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return !text.empty() && text.size() <= 64 && text.front() != '.' && text.back() != '.' &&
           text.find("..") == std::string_view::npos && std::ranges::all_of(text, [others](char c) {
               return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
           });
}

result<std::string> canonical_email(std::string_view text) {
    auto const at = text.rfind('@');
    if (at == std::string_view::npos || !is_local_part(text.substr(0, at))) {
        return refusal("is no e-mail address");
    }
    auto const domain = canonical_domain(text.substr(at + 1));
    if (!domain && domain.error().detail() == no_pattern) {
        return refusal("is no e-mail address: no domain follows the @");
    }
    if (!domain) return refusal("is no e-mail address: the domain " + domain.error().detail());
    // Only the receiving host may say that the case of the local part does not matter.
    auto address = std::string{text.substr(0, at + 1)} + *domain;
    if (address.size() > 254) return refusal("is longer than the 254 characters of an address");
    return address;
}

bool is_ipv6(std::string_view text) {
    boost::system::error_code failed;
    ip::make_address_v6(text.substr(0, text.find('/')), failed);
    return !failed;
}

pattern_type guess(std::string_view text) {
    if (text.find('@') != std::string_view::npos) return pattern_type::email;
    auto const in_network = [](char c) { return is_digit(c) || c == '.' || c == '/'; };
    return std::ranges::all_of(text, in_network) ? pattern_type::ip : pattern_type::domain;
}

result<std::string> canonical(std::string_view text, pattern_type type) {
    if (auto const valid = check_pattern(text); !valid) return valid.error();
    if (is_ipv6(text)) return refusal("is IPv6, which the API does not take");
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
    recognised_pattern found;
    found.type = type.value_or(guess(text));
    auto form = canonical(text, found.type);
    if (!form) return form.error();
    found.pattern = std::move(*form);
    return found;
}

}  // namespace cloudflare::email_security
