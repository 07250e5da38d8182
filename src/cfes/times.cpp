#include "times.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace cfes {

namespace {

using cloudflare::timestamp;

std::tm parts_of(timestamp value) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(value).time_since_epoch().count();
    auto const time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::localtime_r(&time, &parts);
    return parts;
}

std::string format(std::tm const& parts, char const* how) {
    std::array<char, 64> text{};
    auto const size = std::strftime(text.data(), text.size(), how, &parts);
    return {text.data(), size};
}

std::optional<timestamp> to_moment(std::tm parts) {
    // The zone says whether it is summer.
    parts.tm_isdst = -1;
    auto const wanted = parts;
    auto const time = std::mktime(&parts);
    // What is no day of the calendar becomes another one.
    bool const is_same = parts.tm_mday == wanted.tm_mday && parts.tm_mon == wanted.tm_mon;
    if (!is_same || time == static_cast<std::time_t>(-1)) return std::nullopt;
    return timestamp{std::chrono::seconds{time}};
}

/// Reads digits of a fixed number, which must be all of a part.
bool take_number(std::string_view& text, std::size_t digits, int& into) {
    if (text.size() < digits) return false;
    auto const* const end = text.data() + digits;
    auto const [stop, failed] = std::from_chars(text.data(), end, into);
    if (failed != std::errc{} || stop != end || into < 0) return false;
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// A date, alone or with a time of the day.
std::optional<timestamp> to_local_time(std::string_view text) {
    std::tm parts{};
    int year = 0;
    int month = 0;
    bool const has_date = take_number(text, 4, year) && take(text, '-') &&
                          take_number(text, 2, month) && take(text, '-') &&
                          take_number(text, 2, parts.tm_mday);
    if (!has_date || month < 1 || month > 12 || parts.tm_mday < 1) return std::nullopt;
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    if (text.empty()) return to_moment(parts);
    bool const has_time = (take(text, ' ') || take(text, 'T')) &&
                          take_number(text, 2, parts.tm_hour) && take(text, ':') &&
                          take_number(text, 2, parts.tm_min);
    if (!has_time) return std::nullopt;
    if (take(text, ':') && !take_number(text, 2, parts.tm_sec)) return std::nullopt;
    if (!text.empty() || parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 59) {
        return std::nullopt;
    }
    return to_moment(parts);
}

/// The span of time of `2h`.
std::optional<std::chrono::minutes> to_span(std::string_view text) {
    std::int64_t count = 0;
    auto const [unit, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr std::int64_t most = 1'000'000;
    if (failed != std::errc{} || count < 0 || count > most) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(unit - text.data()));
    if (text == "m") return std::chrono::minutes{count};
    if (text == "h") return std::chrono::hours{count};
    if (text == "d") return std::chrono::days{count};
    if (text == "w") return std::chrono::weeks{count};
    return std::nullopt;
}

}  // namespace

void use_utc() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
}

std::optional<timestamp> to_time(std::string_view text, timestamp now) {
    if (text == "now") return now;
    if (text == "today" || text == "yesterday") {
        auto day = parts_of(now);
        day.tm_hour = day.tm_min = day.tm_sec = 0;
        if (text == "yesterday") {
            // By the noon before: a day may have 23 hours, or 25.
            day.tm_hour = 12;
            auto const noon = to_moment(day);
            if (!noon) return std::nullopt;
            day = parts_of(*noon - std::chrono::hours{24});
            day.tm_hour = day.tm_min = day.tm_sec = 0;
        }
        return to_moment(day);
    }
    if (auto const span = to_span(text)) return now - *span;
    if (auto const local = to_local_time(text)) return local;
    return cloudflare::parse_timestamp(text);
}

std::string to_short_time(timestamp value, timestamp now) {
    auto const parts = parts_of(value);
    return format(parts, parts.tm_year == parts_of(now).tm_year ? "%m-%d %H:%M" : "%Y-%m-%d %H:%M");
}

std::string to_time_of_day(timestamp value) {
    return format(parts_of(value), "%H:%M:%S");
}

std::string to_long_time(timestamp value) {
    return format(parts_of(value), "%Y-%m-%d %H:%M:%S %z");
}

timestamp current_time() {
    return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

}  // namespace cfes
