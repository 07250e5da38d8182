#include <cloudflare/detail/one_line.hpp>

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace cloudflare::inline v0 {

namespace {

namespace utf = boost::locale::utf;

struct range {
    std::uint32_t first;
    std::uint32_t last;
};

/// Unicode 15.1: the categories Cf, Zl and Zp, and what has the property
/// Default_Ignorable_Code_Point, without U+FE00 to U+FE0F. Sorted.
constexpr std::array invisible{
    range{0x00AD, 0x00AD},    // soft hyphen
    range{0x034F, 0x034F},    // combining grapheme joiner
    range{0x0600, 0x0605},    // Arabic number signs
    range{0x061C, 0x061C},    // Arabic letter mark
    range{0x06DD, 0x06DD},    // Arabic end of ayah
    range{0x070F, 0x070F},    // Syriac abbreviation mark
    range{0x0890, 0x0891},    // Arabic currency marks
    range{0x08E2, 0x08E2},    // Arabic disputed end of ayah
    range{0x115F, 0x1160},    // Hangul fillers
    range{0x17B4, 0x17B5},    // Khmer inherent vowels
    range{0x180B, 0x180F},    // Mongolian selectors and vowel separator
    range{0x200B, 0x200F},    // zero-width characters, marks of direction
    range{0x2028, 0x202E},    // line and paragraph separators, embeddings and overrides
    range{0x2060, 0x206F},    // word joiner, invisible operators, isolates
    range{0x3164, 0x3164},    // Hangul filler
    range{0xFEFF, 0xFEFF},    // byte order mark
    range{0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    range{0xFFF0, 0xFFFB},    // interlinear annotations
    range{0x110BD, 0x110BD},  // Kaithi number sign
    range{0x110CD, 0x110CD},  // Kaithi number sign above
    range{0x13430, 0x1343F},  // Egyptian hieroglyph joiners
    range{0x1BCA0, 0x1BCA3},  // shorthand format controls
    range{0x1D173, 0x1D17A},  // musical beams and slurs
    range{0xE0000, 0xE0FFF},  // tags, and selectors of variants
};

bool is_line_break_or_tab(std::uint32_t point) {
    return (point >= '\t' && point <= '\r') || point == 0x85;
}

bool is_named(std::uint32_t point) {
    if (point < ' ' || (point >= 0x7F && point < 0xA0)) return true;
    if (point < invisible.front().first) return false;
    auto const* const at = std::ranges::lower_bound(invisible, point, {}, &range::last);
    return at != invisible.end() && at->first <= point;
}

/// What looks like nothing but room between words: U+0020 and the rest of the category Zs, and an
/// empty pattern of Braille.
bool is_blank(std::uint32_t point) {
    return point == ' ' || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x202F || point == 0x205F ||
           point == 0x2800 || point == 0x3000;
}

/// Calls `take` with each part of the line, and whether it is a blank, until that returns false.
template <class Take>
void for_each_part(std::string_view text, Take take) {
    auto const* const end = text.data() + text.size();
    for (auto const* at = text.data(); at != end;) {
        auto const* const begin = at;
        auto const point = utf::utf_traits<char>::decode(at, end);
        bool goes_on = true;
        if (point == utf::illegal || point == utf::incomplete) {
            at = begin + 1;
            goes_on = take(std::string_view{"?"}, false);
        } else if (is_line_break_or_tab(point)) {
            goes_on = take(std::string_view{" "}, true);
        } else if (is_named(point)) {
            char digits[8];
            auto const stop = std::to_chars(digits, std::end(digits), point, 16).ptr;
            std::string name{digits, stop};
            std::ranges::transform(name, name.begin(),
                                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
            name.insert(0, name.size() < 4 ? 4 - name.size() : 0, '0');
            goes_on = take(std::string_view{"<U+" + name + ">"}, false);
        } else {
            goes_on = take(std::string_view{begin, static_cast<std::size_t>(at - begin)},
                           is_blank(point));
        }
        if (!goes_on) return;
    }
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The beginning of a text in UTF-8: `most` bytes at most, and no character cut through.
std::string_view first_bytes(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most);
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for_each_part(text, [&line](std::string_view part, bool) {
        line += part;
        return true;
    });
    return line;
}

std::string short_line(std::string_view text, std::size_t most) {
    // Not all of it is looked at, and what is named on the line is longer than it was.
    auto const begin = first_bytes(text, most);
    auto line = one_line(begin);
    auto const shown = first_bytes(line, most).size();
    bool const is_cut = begin.size() < text.size() || shown < line.size();
    line.resize(shown);
    return is_cut ? line + "..." : line;
}

std::string one_cell(std::string_view text, std::size_t most) {
    std::string cell;
    std::size_t count = 0;
    std::size_t fitting = 0;  // bytes that leave room for the ellipsis
    bool has_gap = false;
    bool is_cut = false;
    for_each_part(text, [&](std::string_view part, bool blank) {
        if (blank) {
            has_gap = !cell.empty();
            return true;
        }
        auto const characters = count_characters(part) + (has_gap ? 1 : 0);
        is_cut = count + characters > most;
        if (is_cut) return false;
        if (has_gap) cell += ' ';
        has_gap = false;
        cell += part;
        count += characters;
        if (count < most) fitting = cell.size();
        return true;
    });
    if (!is_cut) return cell;
    cell.resize(fitting);
    return cell + "…";
}

}  // namespace cloudflare::inline v0
