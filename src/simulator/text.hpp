#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace cloudflare::inline v0::simulator {

// Unlike <cctype>'s, these do not depend on the locale.
/// @{
constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}
constexpr char to_lower(char c) noexcept {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
/// @}

/// Whether `text` is not empty and all letters, digits, or among `others`.
constexpr bool consists_of_alphanumerics(std::string_view text, std::string_view others) noexcept {
    for (char const c : text) {
        if (!is_alphanumeric(c) && others.find(c) == std::string_view::npos) return false;
    }
    return !text.empty();
}

/// Whether `part` is in `text`, whatever the case of ASCII letters.
constexpr bool contains_ignoring_case(std::string_view text, std::string_view part) noexcept {
    auto const same = [](char a, char b) { return to_lower(a) == to_lower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
           part.empty();
}

/// The number that `text` is from its first to its last character, if it is one.
template <class Number>
std::optional<Number> to_number(std::string_view text) noexcept {
    Number value{};
    char const* const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, value);
    if (failed != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace cloudflare::inline v0::simulator
