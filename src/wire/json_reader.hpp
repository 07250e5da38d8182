#pragma once

#include <cloudflare/codec.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::wire {

/// Reads one JSON document into `root`, without building a tree: every value goes straight to the
/// codec of its place, and what has no place is skipped. Says what is wrong, with a JSON pointer
/// where a value has the wrong type; empty when all is well.
std::optional<std::string> read_json(std::string_view text, slot root);

}  // namespace cloudflare::wire
