#include "patterns.hpp"

#include "text.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/regex.hpp>

#include <algorithm>
#include <array>

namespace cloudflare::simulator {

namespace ip = boost::asio::ip;

namespace {

bool is_label(std::string_view text) {
    return text.size() <= 63 && consists_of_alphanumerics(text, "-") && text.front() != '-' &&
           text.back() != '-';
}

bool is_local_part(std::string_view text) {
    return text.size() <= 64 && consists_of_alphanumerics(text, "!#$%&'*+-/=?^_`{|}~.") &&
           text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

/// What IANA's registry of special-purpose IPv4 addresses has as not globally reachable, and
/// multicast, which never sends mail.
std::array<ip::network_v4, 15> const& special_networks() {
    static std::array<ip::network_v4, 15> const all{
        ip::make_network_v4("0.0.0.0/8"),      ip::make_network_v4("10.0.0.0/8"),
        ip::make_network_v4("100.64.0.0/10"),  ip::make_network_v4("127.0.0.0/8"),
        ip::make_network_v4("169.254.0.0/16"), ip::make_network_v4("172.16.0.0/12"),
        ip::make_network_v4("192.0.0.0/24"),   ip::make_network_v4("192.0.2.0/24"),
        ip::make_network_v4("192.88.99.0/24"), ip::make_network_v4("192.168.0.0/16"),
        ip::make_network_v4("198.18.0.0/15"),  ip::make_network_v4("198.51.100.0/24"),
        ip::make_network_v4("203.0.113.0/24"), ip::make_network_v4("224.0.0.0/4"),
        ip::make_network_v4("240.0.0.0/4"),
    };
    return all;
}

bool is_set(collection const& c, row const& values, std::string_view flag) {
    auto const index = c.find(flag);
    auto const* const set = index ? values[*index].if_bool() : nullptr;
    return set && *set;
}

void lower(boost::json::value& text) {
    if (auto* const given = text.if_string())
        std::ranges::transform(*given, given->begin(), to_lower);
}

bool contains(ip::network_v4 const& wide, ip::network_v4 const& narrow) {
    if (wide.prefix_length() > narrow.prefix_length()) return false;
    auto const mask = wide.netmask().to_uint();
    return (narrow.address().to_uint() & mask) == (wide.address().to_uint() & mask);
}

boost::system::result<ip::network_v4> parse_network(std::string_view text) {
    boost::system::error_code failed;
    if (text.find('/') != std::string_view::npos) {
        ip::network_v4 network = ip::make_network_v4(text, failed);
        if (failed) return failed;
        return network;
    }
    ip::address_v4 const address = ip::make_address_v4(text, failed);
    if (failed) return failed;
    return ip::network_v4(address, 32);
}

}  // namespace

bool is_domain(std::string_view text) {
    if (text.size() > 253) return false;
    std::size_t labels = 0;
    for (;;) {
        std::size_t const dot = text.find('.');
        std::string_view const label = text.substr(0, dot);
        if (!is_label(label)) return false;
        ++labels;
        // A last label of digits alone would make it an address.
        if (dot == std::string_view::npos) {
            return labels >= 2 && !std::ranges::all_of(label, is_digit);
        }
        text.remove_prefix(dot + 1);
    }
}

bool is_email(std::string_view text) {
    std::size_t const at = text.rfind('@');
    return at != std::string_view::npos && text.size() <= 254 &&
           is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

bool is_global_ipv4(std::string_view text) {
    auto const network = parse_network(text);
    return network && std::ranges::none_of(special_networks(), [&](ip::network_v4 const& special) {
               return contains(special, *network) || contains(*network, special);
           });
}

bool is_regular_expression(std::string const& text) {
    // Boost's parser bounds its own recursion and work; anything of a pattern's length is safe.
    boost::regex const compiled(text, boost::regex::perl | boost::regex::no_except);
    return compiled.status() == 0;
}

std::string_view guess_pattern_type(std::string_view pattern) {
    if (pattern.find('@') != std::string_view::npos) return "EMAIL";
    return parse_network(pattern) ? "IP" : "DOMAIN";
}

void check_expression(collection const& c, row const& values, std::string_view name,
                      std::string_view flag, bool (*is_plain)(std::string_view),
                      std::string_view kind, std::string const& at, problems& found) {
    auto const* const given = values[*c.find(name)].if_string();
    auto const* const is_regex = values[*c.find(flag)].if_bool();
    if (!given || !is_regex) return;
    std::string const text{given->data(), given->size()};
    bool const sound = *is_regex ? is_regular_expression(text) : is_plain(text);
    if (sound) return;
    std::string const wanted{*is_regex ? "a valid regular expression" : kind};
    found.add(400, std::string{name} + " is not " + wanted, at + '/' + std::string{name});
}

void check_pattern(collection const& c, row const& values, std::string const& at, problems& found) {
    auto const value = [&](std::string_view name) -> boost::json::value const& {
        return values[*c.find(name)];
    };
    auto const* const pattern = value("pattern").if_string();
    auto const* const type = value("pattern_type").if_string();
    auto const* const is_regex = value("is_regex").if_bool();
    if (!pattern || !type || !is_regex) return;

    std::string_view const text{pattern->data(), pattern->size()};
    if (*is_regex) {
        if (!is_regular_expression(std::string{text})) {
            found.add(400, "pattern is not a valid regular expression", at + "/pattern");
        }
    } else if (*type == "EMAIL") {
        if (!is_email(text)) found.add(400, "pattern is not an email address", at + "/pattern");
    } else if (*type == "DOMAIN") {
        if (!is_domain(text)) found.add(400, "pattern is not a domain name", at + "/pattern");
    } else if (*type == "IP") {
        if (!is_global_ipv4(text)) {
            found.add(400, "pattern is not a globally reachable IPv4 address or CIDR block",
                      at + "/pattern");
        }
    }
}

void normalise(collection const& c, row& values) {
    if (is_set(c, values, "is_regex") || is_set(c, values, "is_email_regex")) return;
    for (std::size_t i = 0; i != c.fields.size(); ++i) {
        if (!c.fields[i].caseless) continue;
        lower(values[i]);
        auto* const items = values[i].if_array();
        if (items) std::ranges::for_each(*items, lower);
    }
}

}  // namespace cloudflare::simulator
