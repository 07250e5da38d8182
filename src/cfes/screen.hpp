#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What stdout and stderr lead to, and what can be shown there.
namespace cfes {

/// Whether stdout is a terminal.
bool is_terminal();
/// The columns of the terminal that a descriptor leads to; empty when it is none, or does not say.
std::optional<std::size_t> width_of(int descriptor);
/// Whether the cursor can be moved on that terminal: not on TERM=dumb.
bool can_move_cursor();
/// Whether stderr is a terminal with a line that can be drawn over.
bool can_draw_status();
/// Whether what is on a terminal may be other than ASCII, as the environment's locale says.
bool shows_unicode();
/// What stands for text that is left out, on the terminal or in a pipe.
std::string_view ellipsis();

enum class color_use { automatic, always, never };
/// As `--color` says; until then automatic.
void use_color(color_use how);

/// What something means to the reader.
enum class tone { plain, good, doubtful, bad };
/// Whether tones are shown on stdout.
bool has_color();
/// The text in the colour of its tone, where there is colour.
std::string in_color(std::string_view text, tone of);
/// What the value of a field means: of a verdict, a status, or whether something succeeded.
tone tone_of(std::string_view field, std::string_view value);

/// Columns that a text takes on a terminal: two for a wide character, none for a combining one.
std::size_t width_of_text(std::string_view text);
/// A text of so many columns at most: its beginning, or its beginning and its end, and an ellipsis
/// where something is left out.
std::string cut_end(std::string_view text, std::size_t width);
std::string cut_middle(std::string_view text, std::size_t width);
/// A text as the terminal can show it: what is not ASCII is named where the locale has no more.
std::string for_terminal(std::string text);

}  // namespace cfes
