#include "email_security/feed/url.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/public_suffix.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <algorithm>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view digits = "0123456789";
/// What parts two things on a line.
constexpr std::string_view separators = ",;|";

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

bool has_only(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == npos;
}

bool is_letter(char c) {
    return is_alphanumeric(c) && !is_digit(c);
}

/// Of a scheme (RFC 3986), or of `h**p`. A dot is more likely that of a name than of a scheme.
bool is_part_of_scheme(char c) {
    return is_alphanumeric(c) || c == '+' || c == '-' || c == '*';
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_part_of_scheme);
}

/// What begins like an IPv4 block: an address and a slash, and no path behind it.
bool begins_like_block(std::string_view text) {
    auto const slash = text.find('/');
    if (slash == npos || slash == 0 || !has_only(text.substr(0, slash), "0123456789."))
        return false;
    auto const next = slash + 1 == text.size() ? '/' : text[slash + 1];
    return !is_letter(next) && std::string_view{"_~%?"}.find(next) == npos;
}

/// Whether a piece of a line is a name, an address or a URL by itself.
bool is_something(std::string_view piece) {
    constexpr std::string_view around = " \t\"'<>()[]{}`";
    auto const begin = piece.find_first_not_of(around);
    if (begin == npos) return false;
    piece = piece.substr(begin, piece.find_last_not_of(around) + 1 - begin);
    if (looks_like_url(piece)) return true;
    auto const found = recognise_pattern(piece);
    if (!found) return false;
    std::string_view const name{found->pattern};
    return found->type == pattern_type::ip ||
           has_top_level_domain(name.substr(name.rfind('@') + 1));
}

/// Whether something follows in a URL that is none of its parts: another URL or name behind a
/// comma, semicolon or bar, or a scheme behind what no URL has before one in its path or query.
bool has_another(std::string_view rest) {
    for (auto at = rest.find_first_of(separators); at != npos;) {
        auto const next = rest.find_first_of(separators, at + 1);
        auto const end = std::min(next, rest.size());
        if (is_something(rest.substr(at + 1, end - at - 1))) return true;
        at = next;
    }
    for (auto at = rest.find("://"); at != npos; at = rest.find("://", at + 1)) {
        auto begin = at;
        while (begin > 0 && is_part_of_scheme(rest[begin - 1])) --begin;
        auto const before = begin == 0 ? '/' : rest[begin - 1];
        if (std::string_view{"/=?&#:%"}.find(before) == npos) return true;
    }
    return false;
}

}  // namespace

bool looks_like_url(std::string_view text) {
    if (text.find("://") != npos || text.starts_with("//")) return true;
    auto const end = text.find_first_of("/?#:@");
    if (end == npos || end == 0) return false;
    auto const host = text.substr(0, end);
    bool const has_host = host.find('.') != npos && std::ranges::all_of(host, [](char c) {
                              return is_alphanumeric(c) || c == '.' || c == '-';
                          });
    if (!has_host || text[end] == '@') return false;
    // Of an address, what follows a slash is a prefix or a mask unless it is clearly a path.
    if (has_only(host, "0123456789.")) return text[end] == '/' && !begins_like_block(text);
    if (text[end] == ':') {
        auto const port = text.substr(end + 1, text.find('/', end) - end - 1);
        return !port.empty() && has_only(port, digits);
    }
    return text[end] == '/';
}

char const* block_fault(std::string_view text) {
    if (!begins_like_block(text)) return nullptr;
    auto const prefix = text.substr(text.find('/') + 1);
    if (prefix.empty() || !is_digit(prefix.front())) return "has no number behind its slash";
    bool const may_be_mask = has_only(prefix, "0123456789.");
    return may_be_mask ? nullptr : "is a block with more behind it";
}

result<std::string_view> host_of_url(std::string_view url) {
    if (url.find('\\') != npos) return refusal("is a URL with a backslash");
    auto rest = url;
    if (auto const scheme = url.find("://"); scheme != npos && scheme < url.find_first_of("/?#")) {
        if (!is_scheme(url.substr(0, scheme))) return refusal("is a URL with other text before it");
        rest.remove_prefix(scheme + 3);
    } else if (rest.starts_with("//")) {
        rest.remove_prefix(2);
    }
    auto host = rest.substr(0, rest.find_first_of("/?#"));
    if (host.find_first_of(separators) != npos || has_another(rest.substr(host.size()))) {
        return refusal("is a URL with another name or URL behind it");
    }
    if (auto const at = host.rfind('@'); at != npos) host.remove_prefix(at + 1);
    auto const colon = host.rfind(':');
    if (colon != npos && !host.ends_with(']')) {
        auto const port = host.substr(colon + 1);
        if (!has_only(port, digits)) return refusal("is a URL whose port is not a number");
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return refusal("is a URL without a host");
    if (host.find_first_of("@/*") != npos) return refusal("is a URL whose host is not a name");
    return host;
}

}  // namespace cloudflare::inline v0::email_security
