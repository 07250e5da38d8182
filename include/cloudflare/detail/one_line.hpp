#pragma once

#include <cloudflare/detail/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// Text for people. Everything that the library or its command shows of what others wrote, on a
/// terminal, in an error's message or in a log, goes through here.
namespace cloudflare::inline v0 {

/// What others wrote, on one line, and so that a reader sees what is there. Tabs and line breaks
/// become spaces. What has no shape of its own, but moves the cursor, turns the direction of the
/// text round or hides in it, is named, as `<U+202E>`: the other control characters, those of
/// Unicode among them (U+0080 to U+009F), format characters, line and paragraph separators, tags
/// and all else that is invisible, except the selectors of a variant (U+FE00 to U+FE0F), which
/// are part of ordinary emoji. A byte that is not UTF-8 becomes a question mark.
CLOUDFLARE_EXPORT std::string one_line(std::string_view text);

/// The same, of `most` bytes at most, then `...` when something is left out.
CLOUDFLARE_EXPORT std::string short_line(std::string_view text, std::size_t most);

/// A cell of a table: one line of `most` characters at most (code points), the last of them an
/// ellipsis when something is left out. Blanks in a row, of whatever kind, become one space, and
/// those at the ends go, so that no cell looks like several.
CLOUDFLARE_EXPORT std::string one_cell(std::string_view text, std::size_t most);

}  // namespace cloudflare::inline v0
