#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::wire {

/// How many characters `to_base64` makes of so many bytes.
constexpr std::size_t base64_size(std::size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

/// The bytes in base64 (RFC 4648, section 4), with padding and without line breaks.
std::string to_base64(std::string_view bytes);

/// Whether a text is in that form.
bool is_base64(std::string_view text) noexcept;

}  // namespace cloudflare::inline v0::wire
