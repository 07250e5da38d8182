#pragma once

#include <cstdint>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// FNV-1a of 64 bits: the same on every machine, as it is kept in files and in comments. Nothing
/// is looked up by it.
constexpr std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037U;
    for (auto const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    return hash;
}

}  // namespace cloudflare::inline v0::email_security
