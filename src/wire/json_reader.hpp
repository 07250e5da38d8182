#pragma once

#include <cloudflare/detail/codec.hpp>

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::wire {

/// Reads one JSON document into `root`, without building a tree: every value goes straight to the
/// codec of its place, and what has no place is skipped. Says what is wrong, with a JSON pointer
/// where a value has the wrong type; empty when all is well.
std::optional<std::string> read_json(std::string_view text, slot root);
/// What an answer must not go beyond, however it is made.
struct read_limits {
    /// Bytes of the elements of arrays, and of members that are not known beforehand, that are made
    /// of it.
    std::size_t made = static_cast<std::size_t>(-1);
    /// Looked at now and then.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct read_fault {
    enum class kind { invalid, too_large, too_late };
    kind what = kind::invalid;
    std::string text;
};

/// As above; also refuses an array with more elements than its codec allows. What was made before
/// that stays where it is.
std::optional<read_fault> read_json(std::string_view text, slot root, read_limits const& limits);

/// The same from a stream, of which only a small part is in memory at a time.
std::optional<std::string> read_json(std::istream& in, slot root);

}  // namespace cloudflare::inline v0::wire
