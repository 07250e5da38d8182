#include "patterns.hpp"

#include "text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/regex.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace cloudflare::inline v0::simulator {

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

bool is_set(collection const& c, row const& values, std::string_view flag) {
    auto const index = c.find(flag);
    auto const* const set = index ? values[*index].if_bool() : nullptr;
    return set && *set;
}

void lower(boost::json::value& text) {
    if (auto* const given = text.if_string())
        std::ranges::transform(*given, given->begin(), to_lower);
}

/// A block of either family, an IPv4 one as an IPv4-mapped one of IPv6, so that all are of a kind.
struct network {
    ip::address_v6::bytes_type bytes{};
    int prefix = 128;

    bool contains(network const& other) const {
        if (prefix > other.prefix) return false;
        for (int bit = 0; bit != prefix; ++bit) {
            auto const at = static_cast<std::size_t>(bit / 8);
            if (((bytes[at] ^ other.bytes[at]) & (0x80 >> bit % 8)) != 0) return false;
        }
        return true;
    }
};

std::optional<network> parse_network(std::string_view text) {
    auto const slash = text.find('/');
    boost::system::error_code failed;
    auto const address = ip::make_address(text.substr(0, slash), failed);
    if (failed) return std::nullopt;
    network result;
    int most = 128;
    if (address.is_v4()) {
        most = 32;
        result.bytes = ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
    } else {
        // A scope is only of this host.
        if (address.to_v6().scope_id() != 0) return std::nullopt;
        result.bytes = address.to_v6().to_bytes();
    }
    if (slash == std::string_view::npos) return result;
    auto const length = to_number<unsigned>(text.substr(slash + 1));
    if (!length || *length > static_cast<unsigned>(most)) return std::nullopt;
    result.prefix = 128 - most + static_cast<int>(*length);
    return result;
}

/// What the API says that it refuses: private and unique-local, loopback, link-local and
/// unspecified addresses, and the broadcast address of IPv4.
std::vector<network> const& refused_networks() {
    static std::vector<network> const all = [] {
        std::vector<network> made;
        for (std::string_view const text :
             {"0.0.0.0", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
              "192.168.0.0/16", "255.255.255.255", "::", "::1", "fc00::/7", "fe80::/10"}) {
            made.push_back(*parse_network(text));
        }
        return made;
    }();
    return all;
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

bool is_address_pattern(std::string_view text) {
    auto const given = parse_network(text);
    return given && std::ranges::none_of(refused_networks(), [&](network const& refused) {
               return refused.contains(*given) || given->contains(refused);
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
        if (!is_address_pattern(text)) {
            found.add(400, "pattern is not an IP address or CIDR block that may be named",
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

}  // namespace cloudflare::inline v0::simulator
