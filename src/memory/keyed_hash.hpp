#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The one hash for texts that come from outside, of feeds, servers and files: with a function that
/// others can work out, somebody makes texts that all collide, and a container is as slow as a list.
namespace cloudflare::inline v0 {

/// A hash of a text and a number by SipHash-1-3 with a random key of the process: whoever writes
/// feeds cannot find texts that collide.
std::size_t keyed_hash(std::string_view text, std::uint64_t number) noexcept;

/// For containers that are keyed by texts. A view finds what is kept as a string.
struct keyed_text_hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const noexcept { return keyed_hash(text, 0); }
};

}  // namespace cloudflare::inline v0
