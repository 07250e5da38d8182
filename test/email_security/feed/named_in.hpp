#pragma once

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

/// No line of a feed may become an entry that is wider than what it names.
namespace test {

namespace email_security = cloudflare::email_security;

/// The key of one entry.
struct one_key final : email_security::key_source {
    explicit one_key(email_security::pattern_key const& key) : only{key} {}
    email_security::pattern_key key(std::uint32_t) const override { return only; }
    email_security::pattern_key only;
};

/// Whether a token is a pattern that an entry is the same as, or narrower than.
template <class Item>
bool takes_in(std::string_view token, Item const& entry) {
    while (token.starts_with('*') || token.starts_with('@')) token.remove_prefix(1);
    auto const found = email_security::recognise_pattern(token);
    if (!found) return false;
    one_key const source{{found->pattern, found->type}};
    email_security::pattern_cover const cover{source, 1};
    auto const key = email_security::key_of(entry);
    return cover.find_same(key) || cover.find_wider(key);
}

/// Whether an entry is no wider than what stands somewhere in the line between separators.
template <class Item>
bool is_named_in(std::string line, std::string separators, Item const& entry) {
    for (auto const& [from, to] : std::array<std::pair<char const*, char const*>, 4>{
             {{"[.]", "."}, {"(dot)", "."}, {"[@]", "@"}, {"[at]", "@"}}}) {
        for (auto at = line.find(from); at != std::string::npos; at = line.find(from)) {
            line.replace(at, std::string_view{from}.size(), to);
        }
    }
    auto const has_token = [&line, &entry](std::string_view between) {
        std::string_view rest{line};
        while (!rest.empty()) {
            auto const end = std::min(rest.find_first_of(between), rest.size());
            if (takes_in(rest.substr(0, end), entry)) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return false;
    };
    if (has_token(separators)) return true;
    // In the local part of an address, these part nothing.
    auto between = separators;
    std::erase_if(between, [](char c) {
        return std::string_view{"!#$%&'*+/=?^`{|}~"}.find(c) != std::string_view::npos;
    });
    if (has_token(between)) return true;
    // In an IPv6 address, a colon parts nothing.
    std::erase(separators, ':');
    return has_token(separators);
}

}  // namespace test
