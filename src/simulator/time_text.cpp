#include "time_text.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cloudflare::inline v0::simulator {

namespace {

struct calendar {
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
    int hour;
    int minute;
    int second;
    int microsecond;
};

calendar split(timestamp when) {
    auto const day = std::chrono::floor<std::chrono::days>(when);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{when - day};
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            std::chrono::weekday{day}.c_encoding(),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count()),
            static_cast<int>(time.subseconds().count())};
}

/// The time of day that a text begins with, `10:00` or `10:00:00`.
std::optional<std::chrono::seconds> clock_time(std::string_view text, bool with_seconds) {
    if (text.size() < (with_seconds ? 8U : 5U) || text[2] != ':') return std::nullopt;
    auto const hours = to_number<unsigned>(text.substr(0, 2));
    auto const minutes = to_number<unsigned>(text.substr(3, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    std::chrono::seconds result = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    if (!with_seconds) return result;
    auto const seconds = to_number<unsigned>(text.substr(6, 2));
    // 60 is for a leap second.
    if (text[5] != ':' || !seconds || *seconds > 60) return std::nullopt;
    return result + std::chrono::seconds{*seconds};
}

}  // namespace

std::string to_rfc3339(timestamp when) {
    calendar const c = split(when);
    std::array<char, 64> text;
    int const length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", c.year,
                      c.month, c.day, c.hour, c.minute, c.second, c.microsecond);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<timestamp> from_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    auto const year = to_number<unsigned>(text.substr(0, 4));
    auto const month = to_number<unsigned>(text.substr(5, 2));
    auto const day = to_number<unsigned>(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

std::optional<timestamp> from_rfc3339(std::string_view text) {
    if (text.size() < 20) return std::nullopt;
    auto const date = from_date(text.substr(0, 10));
    auto const time = clock_time(text.substr(11), true);
    if (!date || (text[10] != 'T' && text[10] != 't') || !time) return std::nullopt;
    text.remove_prefix(19);

    std::chrono::microseconds fraction{0};
    if (text.starts_with('.')) {
        std::size_t const end = std::min(text.find_first_not_of("0123456789", 1), text.size());
        if (end == 1) return std::nullopt;
        std::string digits{text.substr(1, std::min<std::size_t>(end - 1, 6))};
        digits.resize(6, '0');
        fraction = std::chrono::microseconds{*to_number<std::int64_t>(digits)};
        text.remove_prefix(end);
    }
    if (text == "Z" || text == "z") return *date + *time + fraction;
    bool const ahead = text.starts_with('+');
    if (!ahead && !text.starts_with('-')) return std::nullopt;
    text.remove_prefix(1);
    auto const offset = clock_time(text, false);
    if (!offset || text.size() != 5) return std::nullopt;
    return *date + *time + fraction + (ahead ? -*offset : *offset);
}

std::string to_http_date(timestamp when) {
    // Not strftime: HTTP wants English names whatever the locale.
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    calendar const c = split(when);
    std::array<char, 64> text;
    int const length = std::snprintf(text.data(), text.size(),
                                     "%s, %02u %s %04d %02d:%02d:%02d GMT", days[c.weekday], c.day,
                                     months[c.month - 1], c.year, c.hour, c.minute, c.second);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace cloudflare::inline v0::simulator
