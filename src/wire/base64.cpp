#include "wire/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cloudflare::inline v0::wire {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto is_digit = [] {
    std::array<bool, 256> made{};
    for (auto const c : digits) made[static_cast<unsigned char>(c)] = true;
    return made;
}();

}  // namespace

std::string to_base64(std::string_view bytes) {
    constexpr unsigned bits_of_digit = 6;
    std::string text;
    text.reserve(base64_size(bytes.size()));
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto const group = bytes.substr(at, 3);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i != 3; ++i) {
            value = value << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        }
        for (std::size_t i = 0; i != 4; ++i) {
            auto const digit = value >> (3 - i) * bits_of_digit & 63U;
            text += i <= group.size() ? digits[digit] : '=';
        }
    }
    return text;
}

bool is_base64(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return false;
    for (int padding = 0; padding != 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::ranges::all_of(text,
                               [](char c) { return is_digit[static_cast<unsigned char>(c)]; });
}

}  // namespace cloudflare::inline v0::wire
