#pragma once

/// Characters of ASCII. Not <cctype>: that depends on the locale.
namespace cloudflare::inline v0::email_security {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

}  // namespace cloudflare::inline v0::email_security
