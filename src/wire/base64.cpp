#include "wire/base64.hpp"

#include <cstdint>

namespace cloudflare::wire {

std::string to_base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

}  // namespace cloudflare::wire
