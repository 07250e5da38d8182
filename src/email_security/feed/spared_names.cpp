#include "email_security/feed/spared_names.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/indicator.hpp"

#include <algorithm>
#include <charconv>

namespace cloudflare::email_security {

namespace {

/// Whether no name has the first of them at an end; a colon beside another is of an IPv6 address.
bool is_loose(char end, char beside) {
    return end == '.' || end == '-' || end == '/' || (end == ':' && beside != ':');
}

void add_name(std::string_view piece, std::optional<pattern_type> type,
              std::vector<std::string>& names) {
    while (piece.size() > 1 && is_loose(piece.front(), piece[1])) piece.remove_prefix(1);
    while (piece.size() > 1 && is_loose(piece.back(), piece[piece.size() - 2])) {
        piece.remove_suffix(1);
    }
    if (piece.size() < 4 || piece.find_first_of(".:") == std::string_view::npos) return;
    if (auto found = recognise_pattern(piece, type)) names.push_back(std::move(found->pattern));
}

template <class IsPart>
void add_pieces(std::string_view text, std::optional<pattern_type> type,
                std::vector<std::string>& names, IsPart is_part) {
    while (!text.empty()) {
        auto const begin = std::ranges::find_if(text, is_part);
        text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
        auto const end = std::ranges::find_if_not(text, is_part);
        auto const size = static_cast<std::size_t>(end - text.begin());
        add_name(text.substr(0, size), type, names);
        text.remove_prefix(size);
    }
}

bool is_part_of_domain(char c) {
    return c < 0 || is_alphanumeric(c) || c == '.' || c == '-';
}

/// Of an IPv4 address or block alone, as in a range.
bool is_part_of_v4(char c) {
    return is_digit(c) || c == '.' || c == '/';
}

/// Of an IPv6 address or block alone, as behind a word and a colon.
bool is_part_of_v6(char c) {
    return is_part_of_v4(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_part_of_block(char c) {
    return is_part_of_domain(c) || c == '/' || c == ':';
}

/// Also of the local parts of addresses.
bool is_part_of_address(char c) {
    return is_part_of_block(c) ||
           std::string_view{"@!#$%&*+=?^_`{|}~"}.find(c) != std::string_view::npos;
}

bool is_part_of_plain_address(char c) {
    return is_part_of_domain(c) || c == '@' || c == '_' || c == '+';
}

void add_all_pieces(std::string_view text, std::optional<pattern_type> type,
                    std::vector<std::string>& names) {
    add_pieces(text, type, names, is_part_of_domain);
    add_pieces(text, type, names, is_part_of_v4);
    add_pieces(text, type, names, is_part_of_v6);
    add_pieces(text, type, names, is_part_of_block);
    add_pieces(text, type, names, is_part_of_address);
    add_pieces(text, type, names, is_part_of_plain_address);
}

/// Without backslashes; `\u002e` is a dot, `\/` a slash.
std::string unescape(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        auto const next = std::min(text.find('\\'), text.size());
        plain += text.substr(0, next);
        text.remove_prefix(next);
        if (text.empty()) break;
        unsigned code = 0;
        auto const digits = text.substr(std::min<std::size_t>(2, text.size()), 4);
        bool const is_code =
            text.starts_with("\\u") && digits.size() == 4 &&
            std::from_chars(digits.data(), digits.data() + 4, code, 16).ptr == digits.data() + 4;
        if (is_code && code < 0x80) plain += static_cast<char>(code);
        text.remove_prefix(is_code && code < 0x80 ? 6 : 1);
    }
    return plain;
}

}  // namespace

void add_names_in(std::string_view text, std::optional<pattern_type> type,
                  std::vector<std::string>& names) {
    auto const before = static_cast<std::ptrdiff_t>(names.size());
    auto const spaced = with_plain_blanks(text);
    add_all_pieces(spaced, type, names);
    if (auto const meant = refang(spaced); meant != spaced) add_all_pieces(meant, type, names);
    if (spaced.find('\\') != std::string::npos) {
        auto const plain = unescape(spaced);
        add_all_pieces(plain, type, names);
        add_all_pieces(refang(plain), type, names);
    }
    std::sort(names.begin() + before, names.end());
    names.erase(std::unique(names.begin() + before, names.end()), names.end());
}

}  // namespace cloudflare::email_security
