#pragma once

#include <cloudflare/email_security/feed.hpp>

#include <cstdint>
#include <string_view>

namespace cloudflare::email_security {

/// FNV-1a of 64 bits: the same on every machine, as it is kept in files.
constexpr std::uint64_t fingerprint(std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037U;
    for (auto const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    return hash;
}

/// Of all that can be changed of an entry: two that differ in it are told apart.
template <class Traits>
std::uint64_t fingerprint_of(typename Traits::model const& there) {
    return fingerprint(wire::to_json(to_new_item<Traits>(there)));
}

}  // namespace cloudflare::email_security
