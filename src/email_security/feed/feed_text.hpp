#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

/// Pieces of lines, as all forms have them.
namespace cloudflare::inline v0::email_security {

inline constexpr std::string_view blanks = " \t\r\n\v\f";

constexpr bool is_blank(char c) noexcept {
    return blanks.find(c) != std::string_view::npos;
}

/// Without blanks around it.
std::string_view trim(std::string_view text) noexcept;

/// Takes the next word, without the blanks before it; empty at the end.
std::string_view take_word(std::string_view& text) noexcept;

/// In lower case, as far as it is ASCII.
std::string lower_case(std::string_view text);

/// Whether two texts are the same but for the case of ASCII letters.
bool is_same_word(std::string_view a, std::string_view b) noexcept;
bool starts_with_word(std::string_view text, std::string_view prefix) noexcept;

/// With each no-break space as a blank.
std::string with_plain_blanks(std::string_view text);

struct line_with_note {
    std::string_view text;  ///< without blanks around it
    std::string_view note;
    bool has_note = false;
};

/// Parts a line from its note, which begins with one of `marks` (`#`, `;`) or `//` at the line's
/// start or after a blank. Inside a word they are part of it.
line_with_note part_note(std::string_view line, std::string_view marks, bool slashes);

}  // namespace cloudflare::inline v0::email_security
