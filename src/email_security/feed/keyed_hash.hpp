#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cloudflare::email_security {

/// A hash of a text and a number by SipHash-1-3 with a random key of the process: whoever writes
/// feeds cannot find texts that collide.
std::size_t keyed_hash(std::string_view text, std::uint64_t number) noexcept;

}  // namespace cloudflare::email_security
