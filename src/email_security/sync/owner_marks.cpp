#include "email_security/sync/owner_marks.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cloudflare::email_security {

namespace {

constexpr std::string_view mark_begin = "[owner:";
constexpr std::size_t max_owner_size = 64;

struct parted_comments {
    std::string text;
    std::vector<std::string> owners;
};

/// Tells marks from text. A blank that stood before a mark goes with it.
parted_comments part(std::string_view comments) {
    parted_comments parts;
    std::size_t kept = 0;
    for (std::size_t at = 0; (at = comments.find(mark_begin, at)) != std::string_view::npos;) {
        auto const name = at + mark_begin.size();
        auto const end = comments.find(']', name);
        if (end == std::string_view::npos) break;
        auto const owner = comments.substr(name, end - name);
        if (!is_owner_name(owner)) {
            at = name;
            continue;
        }
        parts.owners.emplace_back(owner);
        parts.text += comments.substr(kept, at - kept);
        if (parts.text.ends_with(' ')) parts.text.pop_back();
        at = kept = end + 1;
    }
    parts.text += comments.substr(kept);
    return parts;
}

std::string join(parted_comments const& parts) {
    auto joined = parts.text;
    for (auto const& owner : parts.owners) {
        if (!joined.empty()) joined += ' ';
        joined.append(mark_begin).append(owner).append("]");
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
    if (std::ranges::find(parts.owners, owner) != parts.owners.end()) return std::string{comments};
    parts.owners.emplace_back(owner);
    return join(parts);
}

std::string with_text(std::string_view comments, std::string_view wanted) {
    auto parts = part(comments);
    parts.text = text_of(wanted);
    return join(parts);
}

std::string without_owners(std::string_view comments) {
    return text_of(comments);
}

std::string text_of(std::string_view comments) {
    return part(comments).text;
}

bool is_owned_by(std::string_view comments, std::string_view owner) {
    auto const owners = part(comments).owners;
    return !owners.empty() &&
           std::ranges::all_of(owners, [owner](std::string const& each) { return each == owner; });
}

}  // namespace cloudflare::email_security
