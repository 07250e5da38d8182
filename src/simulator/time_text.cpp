#include "time_text.hpp"

#include <array>
#include <cstdio>

namespace cloudflare::simulator {

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

}  // namespace

std::string to_rfc3339(timestamp when) {
    calendar const c = split(when);
    std::array<char, 64> text;
    int const length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", c.year,
                      c.month, c.day, c.hour, c.minute, c.second, c.microsecond);
    return {text.data(), static_cast<std::size_t>(length)};
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

}  // namespace cloudflare::simulator
