#include "screen.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <cwchar>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cfes {

namespace {

color_use color = color_use::automatic;

std::string_view variable(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? value : "";
}

/// One character of a text: the bytes it takes, and what it is.
struct character {
    std::size_t size = 1;
    std::uint32_t point = 0;
};

/// The first character; a byte that begins none counts as one.
character first_of(std::string_view text) {
    auto const byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    auto const lead = byte(0);
    std::size_t const size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size == 1 || size > text.size()) return {1, lead};
    std::uint32_t point = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i != size; ++i) point = point << 6U | (byte(i) & 0x3FU);
    return {size, point};
}

/// The columns of a character, by the C library's tables for Unicode.
std::size_t width_of_character(std::uint32_t point) {
    if (point < 0x300) return 1;
    static locale_t const unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (!unicode) return 1;
    auto* const before = ::uselocale(unicode);
    auto const width = ::wcwidth(static_cast<wchar_t>(point));
    ::uselocale(before);
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The bytes at the beginning that take so many columns at most.
std::size_t bytes_at_begin(std::string_view text, std::size_t width) {
    std::size_t used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const next = first_of(text.substr(at));
        used += width_of_character(next.point);
        if (used > width) break;
        at += next.size;
    }
    return at;
}

/// Where the end begins that takes so many columns at most.
std::size_t begin_of_end(std::string_view text, std::size_t width) {
    auto const all = width_of_text(text);
    std::size_t passed = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const next = first_of(text.substr(at));
        auto const wide = width_of_character(next.point);
        // What combines with the character before it stays with that.
        if (all - passed <= width && wide > 0) break;
        passed += wide;
        at += next.size;
    }
    return at;
}

}  // namespace

bool is_terminal() {
    static bool const is = ::isatty(STDOUT_FILENO) != 0;
    return is;
}

std::optional<std::size_t> width_of(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

bool can_move_cursor() {
    return variable("TERM") != "dumb";
}

bool can_draw_status() {
    return ::isatty(STDERR_FILENO) != 0 && can_move_cursor();
}

namespace {

bool has_unicode_locale() {
    for (auto const* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string locale{variable(name)};
        if (locale.empty()) continue;
        std::ranges::transform(locale, locale.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        });
        return locale.find("utf-8") != std::string::npos ||
               locale.find("utf8") != std::string::npos;
    }
    return false;
}

}  // namespace

bool shows_unicode() {
    static bool const shows = has_unicode_locale();
    return shows;
}

std::string_view ellipsis() {
    return is_terminal() && !shows_unicode() ? "..." : "…";
}

void use_color(color_use how) {
    color = how;
}

bool has_color() {
    if (color != color_use::automatic) return color == color_use::always;
    return is_terminal() && can_move_cursor() && variable("NO_COLOR").empty();
}

std::string in_color(std::string_view text, tone of) {
    std::string shown{text};
    if (of == tone::plain || text.empty() || !has_color()) return shown;
    auto const* const code = of == tone::good ? "32" : of == tone::doubtful ? "33" : "31";
    return "\x1b[" + std::string{code} + 'm' + shown + "\x1b[0m";
}

tone tone_of(std::string_view field, std::string_view value) {
    struct meaning {
        std::string_view value;
        tone is;
    };
    constexpr std::array meanings{
        meaning{"MALICIOUS", tone::bad},
        meaning{"MALICIOUS-BEC", tone::bad},
        meaning{"SUSPICIOUS", tone::doubtful},
        meaning{"SPOOF", tone::doubtful},
        meaning{"SPAM", tone::doubtful},
        meaning{"BULK", tone::doubtful},
        meaning{"FAILED", tone::bad},
        meaning{"failed", tone::bad},
        meaning{"fail", tone::bad},
        meaning{"error", tone::bad},
        meaning{"invalid", tone::bad},
        meaning{"move_failed", tone::bad},
        meaning{"TIMEOUT", tone::bad},
        meaning{"timeout", tone::bad},
        meaning{"CANCELLED", tone::doubtful},
        meaning{"SKIPPED", tone::doubtful},
        meaning{"PENDING", tone::doubtful},
        meaning{"pending", tone::doubtful},
        meaning{"deferred", tone::doubtful},
        meaning{"quarantined", tone::doubtful},
        meaning{"bounced", tone::doubtful},
        meaning{"rejected", tone::doubtful},
        meaning{"escalated", tone::doubtful},
        meaning{"ACTIVE", tone::good},
        meaning{"active", tone::good},
        meaning{"COMPLETED", tone::good},
        meaning{"pass", tone::good},
        meaning{"good", tone::good},
    };
    if (field == "success" || field == "accepted" || field == "has_ended") {
        return value == "false" ? tone::bad : value == "true" ? tone::good : tone::plain;
    }
    bool const is_judged = field.ends_with("disposition") || field.ends_with("status") ||
                           field == "dkim" || field == "dmarc" || field == "spf";
    if (!is_judged) return tone::plain;
    auto const* const found = std::ranges::find(meanings, value, &meaning::value);
    return found == meanings.end() ? tone::plain : found->is;
}

std::size_t width_of_text(std::string_view text) {
    if (is_ascii(text)) return text.size();
    std::size_t width = 0;
    while (!text.empty()) {
        auto const next = first_of(text);
        width += width_of_character(next.point);
        text.remove_prefix(next.size);
    }
    return width;
}

std::string cut_end(std::string_view text, std::size_t width) {
    if (width_of_text(text) <= width) return std::string{text};
    auto const mark = ellipsis();
    auto const room = width_of_text(mark);
    if (width <= room) return std::string{text.substr(0, bytes_at_begin(text, width))};
    auto begin = text.substr(0, bytes_at_begin(text, width - room));
    while (begin.ends_with(' ')) begin.remove_suffix(1);
    return std::string{begin} + std::string{mark};
}

std::string cut_middle(std::string_view text, std::size_t width) {
    if (width_of_text(text) <= width) return std::string{text};
    auto const mark = ellipsis();
    auto const room = width_of_text(mark);
    if (width <= room + 1) return cut_end(text, width);
    auto const begin = (width - room + 1) / 2;
    auto const end = width - room - begin;
    return std::string{text.substr(0, bytes_at_begin(text, begin))} + std::string{mark} +
           std::string{text.substr(begin_of_end(text, end))};
}

std::string for_terminal(std::string text) {
    if (!is_terminal() || shows_unicode() || is_ascii(text)) return text;
    constexpr auto digits = "0123456789ABCDEF";
    std::string shown;
    for (std::string_view left = text; !left.empty();) {
        auto const next = first_of(left);
        if (next.point < 0x80) {
            shown += static_cast<char>(next.point);
        } else {
            std::string name;
            for (auto point = next.point; point != 0 || name.size() < 4; point >>= 4U) {
                name.insert(name.begin(), digits[point & 0xFU]);
            }
            shown += "<U+" + name + '>';
        }
        left.remove_prefix(next.size);
    }
    return shown;
}

}  // namespace cfes
