#include "email_security/sync/owner_marks.hpp"

#include "email_security/feed/reserved_mark.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::string_view mark_begin = "[owner:";
constexpr std::size_t max_owner_size = 64;
constexpr std::string_view blanks = " \t\r\n";

struct parted_comments {
    std::string_view text;
    std::vector<std::string_view> marks;  ///< whole ones, as `[owner:NAME]`
};

/// The owner that a mark names; empty when it is another mark.
std::string_view owner_of(std::string_view mark) {
    if (!mark.starts_with(mark_begin)) return {};
    mark.remove_prefix(mark_begin.size());
    mark.remove_suffix(1);
    return is_owner_name(mark) ? mark : std::string_view{};
}

/// The mark at the end of a text, with nothing behind it; empty when there is none.
std::string_view last_mark(std::string_view text) {
    if (text.size() < 2 || text.back() != ']') return {};
    auto const begin = text.find_last_of("[]", text.size() - 2);
    if (begin == std::string_view::npos) return {};
    auto const mark = text.substr(begin);
    bool const stands_alone = begin == 0 || blanks.find(text[begin - 1]) != std::string_view::npos;
    bool const is_one_word =
        mark.find_first_of(blanks) == std::string_view::npos && !mark.ends_with(":]");
    return stands_alone && is_one_word && has_reserved_mark(mark) ? mark : std::string_view{};
}

/// Tells marks from text: they are the block at the very end, as a sync writes it. What looks like
/// one elsewhere is somebody's text. Marks that only a later version knows may stand among them.
parted_comments part(std::string_view comments) {
    parted_comments parts{comments, {}};
    for (;;) {
        // What others edited may have blanks at the end.
        auto rest = parts.text.substr(0, parts.text.find_last_not_of(blanks) + 1);
        auto const mark = last_mark(rest);
        if (mark.empty()) break;
        parts.marks.push_back(mark);
        rest.remove_suffix(mark.size());
        if (rest.ends_with(' ')) rest.remove_suffix(1);
        parts.text = rest;
    }
    std::ranges::reverse(parts.marks);
    return parts;
}

std::string join(parted_comments const& parts) {
    std::string joined{parts.text};
    for (auto const& mark : parts.marks) {
        if (!joined.empty()) joined += ' ';
        joined += mark;
    }
    return joined;
}

}  // namespace

bool is_owner_name(std::string_view text) {
    auto const fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= max_owner_size && std::ranges::all_of(text, fits);
}

std::string with_owner(std::string_view comments, std::string_view owner) {
    auto parts = part(comments);
    if (std::ranges::find(parts.marks, owner, owner_of) != parts.marks.end()) {
        return std::string{comments};
    }
    auto const mark = std::string{mark_begin}.append(owner) + ']';
    parts.marks.push_back(mark);
    return join(parts);
}

std::string with_text(std::string_view comments, std::string_view wanted) {
    auto parts = part(comments);
    parts.text = part(wanted).text;
    return join(parts);
}

std::string without_owners(std::string_view comments) {
    return text_of(comments);
}

std::string text_of(std::string_view comments) {
    return std::string{part(comments).text};
}

bool is_owned_by(std::string_view comments, std::string_view owner) {
    std::size_t count = 0;
    for (auto const& mark : part(comments).marks) {
        auto const named = owner_of(mark);
        if (named.empty()) continue;
        if (named != owner) return false;
        ++count;
    }
    return count > 0;
}

}  // namespace cloudflare::inline v0::email_security
