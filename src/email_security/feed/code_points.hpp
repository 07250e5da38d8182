#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Characters beyond ASCII, as far as they matter to names.
namespace cloudflare::inline v0::email_security {

/// A text with what stands for ASCII as ASCII, as UTS #46 has it for names: full width, ideographic
/// full stops and blanks; without characters that it ignores, as zero-width ones and soft hyphens,
/// and at both ends without any that cannot be seen. `text` is UTF-8.
std::string merge_look_alikes(std::string_view text);

/// The first character beyond ASCII that no name has; empty when there is none. `text` is UTF-8.
std::optional<std::uint32_t> find_foreign(std::string_view text);

/// `U+2022`
std::string point_name(std::uint32_t point);

/// How a text is made plain in which names are looked for.
struct plain_reading {
    bool maps = false;     ///< what stands for ASCII, also letters of other shapes; else it parts
    bool joins = false;    ///< without what cannot be seen; else that parts
    bool hyphens = false;  ///< what looks like a hyphen or a dot is one; else it parts
    bool keeps = false;    ///< what no name may have is kept; else it parts
};

/// A text in which only letters, marks and digits of international names are not ASCII, and what
/// is kept. What parts names is a blank. `text` is UTF-8.
std::string make_plain(std::string_view text, plain_reading how);

}  // namespace cloudflare::inline v0::email_security
