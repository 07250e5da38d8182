#pragma once

#include <string>
#include <string_view>

namespace cloudflare {

/// What others wrote, fit for a terminal or a line of a log: a space for each control character,
/// line breaks and those of Unicode (U+0080 to U+009F) among them, and a question mark for each
/// byte that is not UTF-8.
std::string one_line(std::string_view text);

}  // namespace cloudflare
