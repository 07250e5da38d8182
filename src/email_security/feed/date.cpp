#include "email_security/feed/date.hpp"

#include "email_security/feed/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace cloudflare::inline v0::email_security {

std::string to_text(date day) {
    std::chrono::year_month_day const parts{day};
    auto const padded = [](unsigned value, std::size_t width) {
        auto digits = std::to_string(value);
        return std::string(width - std::min(width, digits.size()), '0') + digits;
    };
    return padded(static_cast<unsigned>(static_cast<int>(parts.year())), 4) + '-' +
           padded(static_cast<unsigned>(parts.month()), 2) + '-' +
           padded(static_cast<unsigned>(parts.day()), 2);
}

std::optional<date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    auto const number = [text](std::size_t at, std::size_t size) -> std::optional<int> {
        auto const part = text.substr(at, size);
        if (!std::ranges::all_of(part, is_digit)) return std::nullopt;
        int value{};
        std::from_chars(part.data(), part.data() + part.size(), value);
        return value;
    };
    auto const year = number(0, 4);
    auto const month = number(5, 2);
    auto const day = number(8, 2);
    if (!year || !month || !day) return std::nullopt;
    std::chrono::year_month_day const parts{std::chrono::year{*year},
                                            std::chrono::month{static_cast<unsigned>(*month)},
                                            std::chrono::day{static_cast<unsigned>(*day)}};
    if (!parts.ok()) return std::nullopt;
    return date{parts};
}

}  // namespace cloudflare::inline v0::email_security
