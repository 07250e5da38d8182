#include <cloudflare/timestamp.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

namespace cloudflare::inline v0 {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_one_of(char c, char a, char b) {
    return c == a || c == b;
}

/// What a form of fixed width has at each place: characters from `first` on, `further` more of
/// them.
struct form_at {
    std::array<unsigned char, 20> first{};
    std::array<unsigned char, 20> further{};

    /// `d` is a digit, `*` anything, all else itself; what the form does not name may be anything.
    explicit constexpr form_at(std::string_view form) {
        further.fill(255);
        for (std::size_t i = 0; i != form.size(); ++i) {
            if (form[i] == '*') continue;
            first[i] = static_cast<unsigned char>(form[i] == 'd' ? '0' : form[i]);
            further[i] = form[i] == 'd' ? 9 : 0;
        }
    }
    /// Of a text of 20 characters at least. Without a branch for each, as it decides once.
    bool is_that_of(char const* text) const {
        unsigned char wrong = 0;
        for (std::size_t i = 0; i != first.size(); ++i) {
            auto const c =
                static_cast<unsigned char>(static_cast<unsigned char>(text[i]) - first[i]);
            wrong |= static_cast<unsigned char>(c > further[i]);
        }
        return wrong == 0;
    }
};

/// Of two digits.
int number_at(std::string_view text, std::size_t place) {
    return (text[place] - '0') * 10 + (text[place + 1] - '0');
}

/// Takes the digits after a decimal point; those beyond microseconds are cut off. None: there is no
/// digit.
std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) {
    constexpr std::array<int, 7> units{1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
    int count = 0;
    std::size_t digits = 0;
    auto const most = std::min(text.size(), units.size() - 1);
    for (; digits != most && is_digit(text[digits]); ++digits) {
        count = count * 10 + (text[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    return std::chrono::microseconds{count * units[digits]};
}

/// What is left of a text must be the zone, `Z` or `+hh:mm`, and nothing else.
std::optional<std::chrono::minutes> read_zone(std::string_view text) {
    using namespace std::chrono;
    if (text.size() == 1 && is_one_of(text.front(), 'Z', 'z')) return minutes{0};
    if (text.size() != 6 || !is_one_of(text[0], '+', '-') || text[3] != ':') return std::nullopt;
    for (auto const place : {1, 2, 4, 5}) {
        if (!is_digit(text[static_cast<std::size_t>(place)])) return std::nullopt;
    }
    auto const h = number_at(text, 1);
    auto const mi = number_at(text, 4);
    if (h > 23 || mi > 59) return std::nullopt;
    auto const offset = hours{h} + minutes{mi};
    return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
    using namespace std::chrono;
    // With the first character of what follows.
    constexpr form_at form{"dddd-dd-dd*dd:dd:dd*"};
    constexpr std::size_t size = 19;
    if (text.size() <= size || !form.is_that_of(text.data()) ||
        !(is_one_of(text[10], 'T', 't') || text[10] == ' ')) {
        return std::nullopt;
    }
    year_month_day const date{year{number_at(text, 0) * 100 + number_at(text, 2)},
                              month{static_cast<unsigned>(number_at(text, 5))},
                              day{static_cast<unsigned>(number_at(text, 8))}};
    auto const h = number_at(text, 11);
    auto const mi = number_at(text, 14);
    auto const s = number_at(text, 17);
    // 60 is a leap second, which the clock does not have: it becomes the next minute's first.
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;

    auto rest = text.substr(size);
    microseconds fraction{0};
    if (is_one_of(rest.front(), '.', ',')) {
        rest.remove_prefix(1);
        auto const taken = take_fraction(rest);
        if (!taken) return std::nullopt;
        fraction = *taken;
    }
    auto const offset = read_zone(rest);
    if (!offset) return std::nullopt;

    auto const moment = sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction - *offset;
    // At their ends, an offset or a leap second leads out of the years that the form can write.
    constexpr sys_days first{year{0} / 1 / 1};
    constexpr sys_days end{year{10000} / 1 / 1};
    if (moment < first || moment >= end) return std::nullopt;
    return moment;
}

std::string to_string(timestamp value) {
    using namespace std::chrono;
    auto const day = floor<days>(value);
    year_month_day const date{day};
    hh_mm_ss const time{value - day};
    char text[64];
    auto const size = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace cloudflare::inline v0
