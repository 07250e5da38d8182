#pragma once

#include <cloudflare/detail/codec.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::wire {

/// Reads one JSON document into `root`, without building a tree: every value goes straight to the
/// codec of its place, and what has no place is skipped. Says what is wrong, with a JSON pointer
/// where a value has the wrong type; empty when all is well.
std::optional<std::string> read_json(std::string_view text, slot root);
/// The same from a stream, of which only a small part is in memory at a time.
std::optional<std::string> read_json(std::istream& in, slot root);

}  // namespace cloudflare::wire
