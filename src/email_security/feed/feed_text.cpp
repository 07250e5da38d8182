#include "email_security/feed/feed_text.hpp"

#include "email_security/feed/ascii.hpp"

#include <algorithm>

namespace cloudflare::inline v0::email_security {

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view take_word(std::string_view& text) noexcept {
    auto const begin = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(begin);
    auto const word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

std::string lower_case(std::string_view text) {
    std::string lower{text};
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

bool is_same_word(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

bool starts_with_word(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && is_same_word(text.substr(0, prefix.size()), prefix);
}

std::string with_plain_blanks(std::string_view text) {
    constexpr std::string_view no_break = "\xC2\xA0";
    std::string plain{text};
    for (auto at = plain.find(no_break); at != std::string::npos; at = plain.find(no_break, at)) {
        plain.replace(at, no_break.size(), " ");
    }
    return plain;
}

namespace {

/// How much of a line is a quoted local part at its beginning; 0 when there is none.
std::size_t quoted_size(std::string_view line) {
    auto const begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos || line[begin] != '"') return 0;
    for (auto i = begin + 1; i < line.size(); ++i) {
        if (line[i] == '\\') {
            ++i;
        } else if (line[i] == '"') {
            return line.substr(i).starts_with("\"@") ? i + 2 : 0;
        }
    }
    return 0;
}

}  // namespace

line_with_note part_note(std::string_view line, std::string_view marks, bool slashes) {
    line_with_note parted;
    parted.text = trim(line);
    for (std::size_t i = quoted_size(line); i < line.size(); ++i) {
        if (i != 0 && !is_blank(line[i - 1])) continue;
        bool const is_slashes = slashes && line.substr(i, 2) == "//";
        if (!is_slashes && marks.find(line[i]) == std::string_view::npos) continue;
        parted.text = trim(line.substr(0, i));
        parted.note = trim(line.substr(i + (is_slashes ? 2 : 1)));
        parted.has_note = true;
        break;
    }
    return parted;
}

}  // namespace cloudflare::inline v0::email_security
