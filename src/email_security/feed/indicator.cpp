#include "email_security/feed/indicator.hpp"

#include "email_security/feed/address_range.hpp"
#include "email_security/feed/ascii.hpp"
#include "email_security/feed/code_points.hpp"
#include "email_security/feed/domain_name.hpp"
#include "email_security/feed/feed_pattern.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/public_suffix.hpp"
#include "email_security/feed/url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr auto npos = std::string_view::npos;

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

struct fang {
    std::string_view defanged;
    std::string_view meant;
};
constexpr std::array fangs{fang{"[.]", "."},     fang{"(.)", "."},   fang{"{.}", "."},
                           fang{"[dot]", "."},   fang{"(dot)", "."}, fang{"{dot}", "."},
                           fang{"[@]", "@"},     fang{"(@)", "@"},   fang{"[at]", "@"},
                           fang{"(at)", "@"},    fang{"{at}", "@"},  fang{"[://]", "://"},
                           fang{"[:]//", "://"}, fang{"[:]", ":"},   fang{"[/]", "/"}};

fang const* fang_at(std::string_view text) {
    for (auto const& each : fangs) {
        if (starts_with_word(text, each.defanged)) return &each;
    }
    return nullptr;
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
}

bool has_only(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == npos;
}

bool looks_like_v4(std::string_view text) {
    return std::ranges::count(text, '.') == 3 && has_only(text, "0123456789.");
}

std::string what_is(char c) {
    if (c == '\0') return "a NUL";
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') return "a control character";
    return std::string{'\''} + c + '\'';
}

constexpr char const* is_expression =
    "looks like a regular expression: that needs a CSV or JSON with is_regex";

/// What stands in `Name <a@b>` or `<a@b>` between the brackets; empty when it is something else.
result<std::string_view> mailbox_in(std::string_view text) {
    auto const open = text.find('<');
    auto const inside = text.substr(open + 1, text.size() - open - 2);
    auto name = trim(text.substr(0, open));
    if (name.find("=?") != npos) return refusal("has an encoded word beside its address");
    bool const is_quoted = name.size() >= 2 && name.starts_with('"') && name.ends_with('"');
    if (is_quoted) name = name.substr(1, name.size() - 2);
    if (name.find_first_of(is_quoted ? "\"\\<>@" : "\"\\<>@,;:()[]") != npos) {
        return refusal("names more than one address");
    }
    if (inside.find('@') == npos || inside.find_first_of("<> \t,;") != npos) {
        return refusal("has no single address between < and >");
    }
    return inside;
}

/// Why an IPv4 address in a form of its own is refused; null when it is not one.
char const* address_fault(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = text.substr(0, slash);
    if (has_only(address, "0123456789.*") && address.find('*') != npos &&
        is_digit(address.empty() ? '*' : address.front())) {
        return "is an address with a wildcard: give it as a CIDR block";
    }
    if (auto const colon = text.find(':'); colon != npos && looks_like_v4(text.substr(0, colon))) {
        return "is an address with a port";
    }
    if (!has_only(address, "0123456789.")) return nullptr;
    if (auto const* const fault = block_fault(text)) return fault;
    if (slash != npos && looks_like_v4(text.substr(slash + 1))) {
        return "is an address with a netmask: give it as a CIDR block";
    }
    for (std::size_t at = 0; at < address.size(); at = address.find('.', at)) {
        if (address[at] == '.') ++at;
        bool const is_octal =
            at + 1 < address.size() && address[at] == '0' && is_digit(address[at + 1]);
        if (is_octal) return "is not an IPv4 address: a number in it begins with 0";
        if (address.find('.', at) == npos) break;
    }
    return nullptr;
}

/// That a text is a pattern, but of another type than is asked for; empty when it is none.
std::string other_type(std::string_view text, pattern_type asked) {
    auto const found = recognise_pattern(text);
    if (!found || found->type == asked) return {};
    auto const* const what = found->type == pattern_type::email    ? "an e-mail address"
                             : found->type == pattern_type::domain ? "a domain"
                                                                   : "an IP address or CIDR block";
    return std::string{"is "} + what + ", not of the type " + std::string{wire_name(asked)};
}

/// What stands behind the domain of an address; empty when nothing does, or it is none.
std::string behind_address(std::string_view text) {
    auto const at = text.rfind('@');
    if (at == npos || at == 0 || at + 1 == text.size()) return {};
    auto const rest = text.substr(at + 1);
    auto const end = std::ranges::find_if_not(
        rest, [](char c) { return c < 0 || is_alphanumeric(c) || c == '.' || c == '-'; });
    if (end == rest.begin() || end == rest.end()) return {};
    auto const behind = rest.substr(static_cast<std::size_t>(end - rest.begin()));
    if (behind.front() == ':' && behind.size() > 1 && has_only(behind.substr(1), "0123456789")) {
        return "is an address with a port";
    }
    if (behind.front() == '/') return "is an address with a path";
    return "has " + what_is(behind.front()) + " behind the domain of an address";
}

/// Tells more of what is not a pattern than that it is none.
std::string reason_of(std::string_view text, std::string reason) {
    if (auto const* const fault = address_fault(text)) return fault;
    if (auto fault = behind_address(text); !fault.empty()) return fault;
    if (text.starts_with("||") || text.starts_with("@@")) {
        return "is a rule of an ad blocker: --format adblock reads those";
    }
    if (text.ends_with('^') && is_plain(text.substr(0, text.size() - 1))) {
        return "has a '^' behind it, as ad blockers do: --format adblock reads those";
    }
    if (text.ends_with('\\') && is_plain(text.substr(0, text.size() - 1))) {
        return "has a backslash behind it";
    }
    if (text == "*" || text == "*@*") return "is a wildcard for everything";
    if (text.find_first_of("^$*\\") != npos) return is_expression;
    for (auto const c : text) {
        if (c < 0) return reason;
        if (is_alphanumeric(c) || std::string_view{".-@/:+"}.find(c) != npos) continue;
        if (text.find('@') != npos && c != '"' && c != '[' && c != ']' && c != '(' && c != ')') {
            continue;
        }
        return "has " + what_is(c) + ", which no name has";
    }
    return reason;
}

result<recognised_pattern> recognise_name(std::string_view text, feed_reading const& how,
                                          std::optional<pattern_type> type) {
    if (how.is_protected) {
        if (auto found = recognise_protected(text, type)) return found;
    }
    auto found = recognise_pattern(text, type);
    if (!found) {
        auto other = type ? other_type(text, *type) : std::string{};
        return refusal(other.empty() ? reason_of(text, found.error().detail()) : std::move(other));
    }
    if (found->type == pattern_type::domain || found->type == pattern_type::email) {
        std::string_view const name{found->pattern};
        if (!has_top_level_domain(name.substr(name.rfind('@') + 1))) {
            return refusal("ends in no top-level domain");
        }
    }
    return found;
}

result<recognised_pattern> read_wildcard(std::string_view name, feed_reading const& how,
                                         std::optional<pattern_type> type) {
    if (name.empty()) return refusal("is a wildcard without a name");
    if (name.find('*') != npos) return refusal(is_expression);
    if (name.find('@') != npos) return refusal("is an address with a wildcard");
    if (!how.wildcards) {
        if (auto const valid = canonical_domain(name); !valid) {
            return refusal(reason_of(name, valid.error().detail()));
        }
        return refusal("is a wildcard: with --wildcards it is taken as the domain itself");
    }
    if (type && *type != pattern_type::domain) return refusal("is a wildcard, which only a domain can be");
    return recognise_name(name, how, pattern_type::domain);
}

result<recognised_pattern> read_name(std::string_view text, feed_reading const& how,
                                     std::optional<pattern_type> type) {
    if (starts_with_word(text, "mailto:") || starts_with_word(text, "smtp:")) {
        text.remove_prefix(text.find(':') + 1);
        if (text.find('@') == npos || text.find_first_of("?&/") != npos) {
            return refusal("is a mail address with more than the address");
        }
        return recognise_name(text, how, type);
    }
    if (looks_like_url(text)) {
        auto const host = host_of_url(text);
        if (!host) return host.error();
        if (host->find_first_of("@/*") != npos) return refusal("is a URL whose host is not a name");
        if (!how.from_urls) return refusal("is a URL: --from-urls takes its host");
        return recognise_name(*host, how, type);
    }
    // `@name` and `*@name` are all addresses at a domain.
    auto const at = text.starts_with("*@") ? 2U : text.starts_with('@') ? 1U : 0U;
    if (at != 0 && text.size() > at) {
        auto const name = text.substr(at);
        if (type && *type != pattern_type::domain)
            return refusal("names a domain, and not its type");
        if (name.starts_with("*.")) return read_wildcard(name.substr(2), how, type);
        if (name.find('@') != npos) return refusal(is_expression);
        return recognise_name(name, how, pattern_type::domain);
    }
    if (text.starts_with("*.")) return read_wildcard(text.substr(2), how, type);
    if (text.starts_with('.') && text.size() > 1) {
        if (text.find('@') != npos) {
            return refusal("is not an e-mail address: it begins with a dot");
        }
        return read_wildcard(text.substr(1), how, type);
    }
    // In the place of a name it is meant as one, though a mailbox might be called so.
    if (text.find('*') != npos) return refusal(reason_of(text, is_expression));
    return recognise_name(text, how, type);
}

result<indicator> read_range(address_range const& range) {
    indicator found;
    for (auto const& block : blocks_of(range)) {
        auto each = recognise_pattern(to_string(block), pattern_type::ip);
        if (!each) return each.error();
        if (found.pattern.pattern.empty()) {
            found.pattern = std::move(*each);
        } else {
            found.more.push_back(std::move(*each));
        }
    }
    return found;
}

/// Whether it is an address as it stands: brackets in its local part then mean themselves.
bool is_address(std::string_view text) {
    return text.find('@') != npos && recognise_pattern(text, pattern_type::email);
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7F'; });
}

/// Whether a URL names nothing but a host, so that nothing of it is lost when that is taken.
bool is_bare_url(std::string_view url) {
    auto const scheme = url.find("://");
    if (scheme == npos) return false;
    auto const rest = url.substr(scheme + 3);
    return rest.find_first_of("/?#@") >= rest.size() - (rest.ends_with('/') ? 1 : 0);
}

/// Why a text is refused, without the option of a feed that would take it.
std::string without_hint(std::string_view reason) {
    for (std::string_view const hint : {": --", ": that needs a CSV", ": with --"}) {
        reason = reason.substr(0, reason.find(hint));
    }
    return std::string{reason};
}

/// A quoted local part may have blanks.
bool is_quoted_address(std::string_view text) {
    return text.starts_with('"') && text.find("\"@") != npos;
}

}  // namespace

result<std::vector<recognised_pattern>> read_patterns(std::string_view text,
                                                      std::optional<pattern_type> type) {
    std::vector<recognised_pattern> all;
    if (auto plain = recognise_pattern(text, type)) {
        all.push_back(std::move(*plain));
        return all;
    }
    feed_reading how;
    how.from_urls = is_bare_url(refang(trim(text)));
    auto found = read_indicator(text, how, type);
    if (!found) return refusal(without_hint(found.error().detail()));
    all.push_back(std::move(found->pattern));
    for (auto& each : found->more) all.push_back(std::move(each));
    return all;
}

std::string refang(std::string_view text) {
    std::string meant;
    meant.reserve(text.size());
    bool const is_url = starts_with_word(text, "hxxp");
    if (is_url) {
        meant = "http";
        text.remove_prefix(4);
    }
    while (!text.empty()) {
        auto const next = std::min(text.find_first_of("[({"), text.size());
        meant += text.substr(0, next);
        text.remove_prefix(next);
        if (text.empty()) break;
        if (auto const* const found = fang_at(text)) {
            meant += found->meant;
            text.remove_prefix(found->defanged.size());
        } else {
            meant += text.front();
            text.remove_prefix(1);
        }
    }
    return meant;
}

result<indicator> read_indicator(std::string_view text, feed_reading const& how,
                                 std::optional<pattern_type> type) {
    indicator found;
    text = trim(text);
    auto const take = [&found](result<recognised_pattern> got) -> result<indicator> {
        if (!got) return got.error();
        found.pattern = std::move(*got);
        return std::move(found);
    };
    if (!text.empty() && is_plain(text) && text.front() != '.') {
        if (text.find('-') != npos && (!type || *type == pattern_type::ip)) {
            if (auto const range = parse_range(text)) return read_range(*range);
        }
        return take(recognise_name(text, how, type));
    }
    std::string merged;
    if (std::ranges::any_of(text, [](char c) { return c < 0; })) {
        merged = merge_look_alikes(text);
        text = trim(merged);
    }
    if (text.empty()) return refusal("is empty");
    if (has_control(text)) return refusal("has a control character");
    if (!type || *type == pattern_type::ip) {
        if (auto const range = parse_range(text)) return read_range(*range);
    }
    std::string meant;
    bool const has_brackets = text.find_first_of("[({") != npos;
    if ((has_brackets && !is_address(text)) || starts_with_word(text, "hxxp")) {
        meant = refang(text);
        found.was_defanged = meant != text;
        if (found.was_defanged && meant.find_first_of("[](){}") != npos) {
            return refusal("is defanged only in part");
        }
        text = meant;
    }
    if (text.ends_with('>') && text.find('<') != npos) {
        auto const mailbox = mailbox_in(text);
        if (!mailbox) return mailbox.error();
        text = *mailbox;
    }
    if (text.find_first_of(" \t") != npos && !is_quoted_address(text)) {
        return refusal(std::string{several_words});
    }
    return take(read_name(text, how, type));
}

}  // namespace cloudflare::inline v0::email_security
