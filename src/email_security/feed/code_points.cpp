#include "email_security/feed/code_points.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/idn.hpp"

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <idn2.h>

namespace cloudflare::inline v0::email_security {

namespace {

enum class kind : std::uint8_t {
    letter,     ///< of an international name, or a mark or digit
    mapped,     ///< stands for ASCII
    ignored,    ///< by UTS #46
    invisible,  ///< but not ignored: may matter in a name, or be refused there
    hyphen,
    dot,
    other,
};

struct code_point {
    std::uint32_t value = 0;
    kind is = kind::other;
    std::string ascii;  ///< of one that is mapped
};

struct code_range {
    std::uint32_t first;
    std::uint32_t last;
};

template <std::size_t Size>
bool is_in(std::array<code_range, Size> const& ranges, std::uint32_t point) {
    return std::ranges::any_of(
        ranges, [point](auto const& each) { return point >= each.first && point <= each.last; });
}

/// Unicode's Default_Ignorable_Code_Point, and the marks of direction.
constexpr std::array invisible{
    code_range{0xAD, 0xAD},     code_range{0x34F, 0x34F},   code_range{0x61C, 0x61C},
    code_range{0x115F, 0x1160}, code_range{0x17B4, 0x17B5}, code_range{0x180B, 0x180F},
    code_range{0x200B, 0x200F}, code_range{0x202A, 0x202E}, code_range{0x2060, 0x206F},
    code_range{0x3164, 0x3164}, code_range{0xFE00, 0xFE0F}, code_range{0xFEFF, 0xFEFF},
    code_range{0xFFA0, 0xFFA0}, code_range{0xFFF0, 0xFFF8}, code_range{0xE0000, 0xE0FFF}};
constexpr std::array hyphens{code_range{0x2010, 0x2015}, code_range{0x2043, 0x2043},
                             code_range{0x2212, 0x2212}, code_range{0xFE58, 0xFE58},
                             code_range{0xFE63, 0xFE63}};
constexpr std::array dots{
    code_range{0xB7, 0xB7},     code_range{0x2022, 0x2022}, code_range{0x2024, 0x2024},
    code_range{0x2027, 0x2027}, code_range{0x2219, 0x2219}, code_range{0x22C5, 0x22C5},
    code_range{0x30FB, 0x30FB}, code_range{0xFE52, 0xFE52}, code_range{0xFF65, 0xFF65}};

/// Names are made by libidn2, so that it is the one to say what may be in them.
code_point make_code_point(std::uint32_t value, std::string const& text) {
    code_point made;
    made.value = value;
    auto [found, failed] = look_up_idn(text);
    if (failed == IDN2_OK && found.empty()) {
        made.is = kind::ignored;
    } else if (is_in(invisible, value)) {
        made.is = kind::invisible;
    } else if (is_in(hyphens, value)) {
        made.is = kind::hyphen;
    } else if (is_in(dots, value)) {
        made.is = kind::dot;
    } else if (failed == IDN2_OK && !found.starts_with("xn--")) {
        made.is = kind::mapped;
        made.ascii = std::move(found);
    } else if (failed == IDN2_OK || failed == IDN2_LEADING_COMBINING || failed == IDN2_BIDI) {
        made.is = kind::letter;
    }
    return made;
}

/// A code point that stands in a text, which has to be valid there.
code_point const& look_at(std::uint32_t value, std::string_view text) {
    // A text has few different ones, mostly near each other.
    thread_local std::array<code_point, 512> known;
    auto& found = known[value % known.size()];
    if (found.value != value) found = make_code_point(value, std::string{text});
    return found;
}

/// Calls `with(point, text)` for each character beyond ASCII, and `plain(c)` for the others.
template <class Plain, class With>
void for_each_point(std::string_view text, Plain plain, With with) {
    namespace utf = boost::locale::utf;
    auto const* at = text.data();
    auto const* const end = at + text.size();
    while (at != end) {
        if (*at >= 0) {
            plain(*at++);
            continue;
        }
        auto const* const begin = at;
        auto const value = utf::utf_traits<char>::decode(at, end);
        if (value == utf::illegal || value == utf::incomplete) {
            // A line that was cut has half a character at its end.
            at = begin + 1;
            plain(' ');
            continue;
        }
        std::string_view const bytes{begin, static_cast<std::size_t>(at - begin)};
        with(look_at(value, bytes), bytes);
    }
}

}  // namespace

std::string merge_look_alikes(std::string_view text) {
    std::string merged;
    std::string held;  // what cannot be seen, until more comes
    auto const add = [&](auto const& piece) {
        if (!merged.empty()) merged += held;
        held.clear();
        merged += piece;
    };
    for_each_point(
        text, [&add](char c) { add(c); },
        [&](code_point const& point, std::string_view bytes) {
            bool const is_full_width = point.value >= 0xFF01 && point.value <= 0xFF5E;
            bool const is_plain = point.ascii == "." || point.ascii == " ";
            if (point.is == kind::mapped && is_full_width) {
                // The case of a local part counts.
                add(static_cast<char>(point.value - 0xFF01 + '!'));
            } else if (point.is == kind::mapped && is_plain) {
                add(point.ascii);
            } else if (point.is == kind::invisible) {
                held += bytes;
            } else if (point.is != kind::ignored) {
                add(bytes);
            }
        });
    return merged;
}

std::optional<std::uint32_t> find_foreign(std::string_view text) {
    std::optional<std::uint32_t> found;
    for_each_point(
        text, [](char) {},
        [&found](code_point const& point, std::string_view) {
            bool const is_in_names =
                point.is == kind::letter || point.is == kind::mapped || point.is == kind::ignored;
            if (!found && !is_in_names) found = point.value;
        });
    return found;
}

std::string point_name(std::uint32_t point) {
    std::array<char, 8> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), point, 16).ptr;
    std::string hex{digits.data(), end};
    std::ranges::transform(hex, hex.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return "U+" + std::string(hex.size() < 4 ? 4 - hex.size() : 0, '0') + hex;
}

std::string make_plain(std::string_view text, plain_reading how) {
    std::string plain;
    plain.reserve(text.size());
    auto const add_or_part = [&plain](bool adds, std::string_view what) {
        if (adds) {
            plain += what;
        } else {
            plain += ' ';
        }
    };
    for_each_point(
        text, [&plain](char c) { plain += c; },
        [&](code_point const& point, std::string_view bytes) {
            switch (point.is) {
                case kind::letter:
                    plain += bytes;
                    break;
                case kind::mapped:
                    add_or_part(how.maps, point.ascii);
                    break;
                case kind::ignored:
                case kind::invisible:
                    add_or_part(how.joins, {});
                    break;
                case kind::hyphen:
                    add_or_part(how.hyphens, "-");
                    break;
                case kind::dot:
                    add_or_part(how.hyphens, ".");
                    break;
                case kind::other:
                    add_or_part(how.keeps, bytes);
                    break;
            }
        });
    return plain;
}

}  // namespace cloudflare::inline v0::email_security
