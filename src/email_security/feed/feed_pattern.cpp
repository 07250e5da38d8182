#include "email_security/feed/feed_pattern.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/domain_name.hpp"
#include "email_security/feed/ip_block.hpp"
#include "email_security/feed/public_suffix.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <array>

namespace cloudflare::inline v0::email_security {

namespace {

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

struct refused_block {
    char const* block;
    char const* what;
};

/// What the API says that it refuses, also where it is written as IPv4-mapped.
constexpr std::array refused_blocks{
    refused_block{"0.0.0.0", "unspecified"},
    refused_block{"10.0.0.0/8", "private"},
    refused_block{"127.0.0.0/8", "loopback"},
    refused_block{"169.254.0.0/16", "link-local"},
    refused_block{"172.16.0.0/12", "private"},
    refused_block{"192.168.0.0/16", "private"},
    refused_block{"255.255.255.255", "broadcast"},
    refused_block{"::", "unspecified"},
    refused_block{"::1", "loopback"},
    refused_block{"fc00::/7", "unique-local"},
    refused_block{"fe80::/10", "link-local"},
};

/// The refused block that shares an address with this one; null when there is none.
refused_block const* find_refused(ip_block const& given) {
    static auto const blocks = [] {
        std::array<ip_block, refused_blocks.size()> made;
        std::ranges::transform(refused_blocks, made.begin(), [](refused_block const& each) {
            return *parse_ip_block(each.block);
        });
        return made;
    }();
    for (std::size_t i = 0; i != blocks.size(); ++i) {
        if (blocks[i].contains(given) || given.contains(blocks[i])) return &refused_blocks[i];
    }
    return nullptr;
}

result<std::string> canonical_network(std::string_view text) {
    auto const block = parse_ip_block(text);
    if (!block) {
        auto const address = parse_ip_block(text.substr(0, text.find('/')));
        if (!address) return refusal("is not an IP address or CIDR block");
        return refusal(std::string{"has a prefix length that is not a number from 0 to "} +
                       (address->is_v4() ? "32" : "128"));
    }
    if (auto const* const refused = find_refused(*block)) {
        return refusal(std::string{"is not taken by the API: "} + refused->what + ", " +
                       refused->block);
    }
    return to_string(*block);
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
    if (at + 1 == text.size()) {
        return refusal("is not an e-mail address: no domain follows the @");
    }
    if (!domain && domain.error().detail() == no_pattern) {
        return refusal("is not an e-mail address: what follows the @ is not a domain");
    }
    if (!domain) return refusal("is not an e-mail address: the domain " + domain.error().detail());
    // Only the receiving host may say that the case of the local part does not matter.
    auto address = std::string{local} + '@' + *domain;
    if (address.size() > 254) return refusal("is longer than the 254 characters of an address");
    return address;
}

pattern_type guess(std::string_view text) {
    if (text.find('@') != std::string_view::npos) return pattern_type::email;
    auto const in_v4 = [](char c) { return is_digit(c) || c == '.' || c == '/'; };
    bool const may_be_v6 = text.find(':') != std::string_view::npos;
    bool const is_ip = std::ranges::all_of(text, in_v4) ||
                       (may_be_v6 && parse_ip_block(text.substr(0, text.find('/'))));
    return is_ip ? pattern_type::ip : pattern_type::domain;
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
    recognised_pattern found;
    found.type = type.value_or(guess(text));
    auto form = canonical(text, found.type);
    if (!form) return form.error();
    found.pattern = std::move(*form);
    return found;
}

result<recognised_pattern> recognise_protected(std::string_view text,
                                               std::optional<pattern_type> type) {
    auto found = recognise_pattern(text, type);
    if (found) return found;
    auto const is = type.value_or(guess(text));
    if (is == pattern_type::ip) {
        if (auto const block = parse_ip_block(text))
            return recognised_pattern{to_string(*block), is};
    } else if (is == pattern_type::domain) {
        // With a label more it is a name like others.
        auto const below = canonical_domain("a." + std::string{text});
        auto const name = below ? below->substr(2) : std::string{};
        if (has_top_level_domain(name)) return recognised_pattern{name, is};
    }
    return found;
}

}  // namespace cloudflare::inline v0::email_security
