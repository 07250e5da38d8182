#include "quota/response_headers.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iomanip>
#include <iterator>
#include <locale>
#include <sstream>
#include <utility>

namespace cloudflare::inline v0::quota {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
bool is_alpha(char c) noexcept {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// `count` units, cut to `max_server_wait` before the multiplication could overflow.
duration wait_of(std::uint64_t count, duration unit) noexcept {
    auto const most = static_cast<std::uint64_t>(max_server_wait / unit);
    return count >= most ? max_server_wait : static_cast<duration::rep>(count) * unit;
}

std::optional<duration> parse_count(std::string_view text, duration unit) noexcept {
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    std::uint64_t count = 0;
    auto const parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    // All digits, so the only possible error is that there are too many of them.
    return parsed.ec == std::errc{} ? wait_of(count, unit) : max_server_wait;
}

/// RFC 9110, 5.6.7, preferred format only: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_imf_fixdate(std::string_view text) {
    constexpr auto format = "%a, %d %b %Y %H:%M:%S GMT";
    constexpr std::size_t length = 29;
    if (text.size() != length) return std::nullopt;

    std::istringstream in{std::string{text}};
    in.imbue(std::locale::classic());
    std::tm parts{};
    if (!(in >> std::get_time(&parts, format))) return std::nullopt;

    using namespace std::chrono;
    year_month_day const date{year{parts.tm_year + 1900},
                              month{static_cast<unsigned>(parts.tm_mon + 1)},
                              day{static_cast<unsigned>(parts.tm_mday)}};
    if (!date.ok()) return std::nullopt;
    parts.tm_wday = static_cast<int>(weekday{sys_days{date}}.c_encoding());

    // get_time forgives a lot (missing zeros, full names, a wrong weekday). The format is fixed, so
    // a date is one exactly if writing it gives the same text.
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::put_time(&parts, format);
    if (out.str() != text) return std::nullopt;
    return sys_days{date} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

/// A bare item of a structured field, as far as anybody here asks for it.
struct bare_item {
    /// The value of a string or token.
    std::optional<std::string> text{};
    /// The value of an integer.
    std::optional<std::int64_t> integer{};
};

/// Reads the list syntax of RFC 9651, section 4.2, without inner lists, which no rate-limit field
/// has. More lenient in one point: optional whitespace (also tabs) is allowed around a semicolon.
class structured_field {
public:
    explicit structured_field(std::string_view text) noexcept : rest_{trim(text)} {}

    /// Calls `visit(name, count, seconds)` for the items that have a name and both parameters as
    /// non-negative integers. False if the list is malformed anywhere.
    template <class Visitor>
    bool read_list(std::string_view count_key, std::string_view seconds_key, Visitor visit) {
        if (rest_.empty()) return true;
        for (;;) {
            bare_item name;
            std::optional<std::uint64_t> count;
            std::optional<std::uint64_t> seconds;
            // The last of several parameters with the same key wins (RFC 9651, 4.2.3.2).
            auto const keep = [&](std::string_view key, bare_item const& value) {
                if (key == count_key) count = as_count(value);
                if (key == seconds_key) seconds = as_count(value);
            };
            if (!read_bare_item(name) || !read_parameters(keep)) return false;
            if (name.text && count && seconds) visit(std::move(*name.text), *count, *seconds);
            skip_blanks();
            if (rest_.empty()) return true;
            if (!consume(',')) return false;
            skip_blanks();
        }
    }

private:
    static std::optional<std::uint64_t> as_count(bare_item const& value) noexcept {
        if (!value.integer || *value.integer < 0) return std::nullopt;
        return static_cast<std::uint64_t>(*value.integer);
    }

    void skip_blanks() noexcept {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }

    bool consume(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Takes the longest prefix of characters that satisfy `is_member`.
    template <class Predicate>
    std::string_view take_while(Predicate is_member) noexcept {
        auto const end = std::find_if_not(rest_.begin(), rest_.end(), is_member);
        auto const taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    template <class Visitor>
    bool read_parameters(Visitor visit) {
        for (;;) {
            skip_blanks();
            if (!consume(';')) return true;
            skip_blanks();
            if (rest_.empty() || !(is_lower(rest_.front()) || rest_.front() == '*')) return false;
            auto const key = take_while([](char c) {
                return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
            });
            bare_item value;
            if (consume('=') && !read_bare_item(value)) return false;
            visit(key, value);
        }
    }

    bool read_bare_item(bare_item& item) {
        if (rest_.empty()) return false;
        char const first = rest_.front();
        if (first == '"') return read_string(item);
        if (is_alpha(first) || first == '*') {
            item.text = take_while(is_token_character);
            return true;
        }
        if (is_digit(first) || first == '-') return read_number(item);
        rest_.remove_prefix(1);
        switch (first) {
            case '?':  // boolean
                return consume('0') || consume('1');
            case '@': {  // date
                bare_item ignored;
                return !rest_.empty() && read_number(ignored) && ignored.integer.has_value();
            }
            case ':':  // byte sequence
                take_while([](char c) {
                    return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
                });
                return consume(':');
            case '%': {  // display string
                bare_item ignored;
                return !rest_.empty() && rest_.front() == '"' && read_string(ignored);
            }
            default:
                return false;
        }
    }

    static bool is_token_character(char c) noexcept {
        return is_alpha(c) || is_digit(c) ||
               (c != '\0' &&
                std::string_view{"!#$%&'*+-.^_`|~:/"}.find(c) != std::string_view::npos);
    }

    bool read_string(bare_item& item) {
        rest_.remove_prefix(1);
        auto& text = item.text.emplace();
        for (;;) {
            text +=
                take_while([](char c) { return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\'; });
            if (consume('"')) return true;
            if (!consume('\\') || rest_.empty()) return false;
            if (rest_.front() != '"' && rest_.front() != '\\') return false;
            text += rest_.front();
            rest_.remove_prefix(1);
        }
    }

    bool read_number(bare_item& item) noexcept {
        bool const negative = consume('-');
        constexpr std::size_t most_digits = 15;  // RFC 9651, 3.3.1: fits any 64-bit number
        std::int64_t value = 0;
        std::size_t digits = 0;
        for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
            if (digits == most_digits) return false;
            value = value * 10 + (rest_[digits] - '0');
        }
        if (digits == 0) return false;
        rest_.remove_prefix(digits);
        if (consume('.')) {
            auto const fraction = take_while(is_digit);
            return !fraction.empty() && fraction.size() <= 3;
        }
        item.integer = negative ? -value : value;
        return true;
    }

    std::string_view rest_;
};

}  // namespace

std::optional<duration> parse_retry_after(std::string_view value,
                                          std::chrono::system_clock::time_point now) {
    using namespace std::chrono;
    auto const text = trim(value);
    if (auto const wait = parse_count(text, seconds{1})) return wait;
    auto const date = parse_imf_fixdate(text);
    if (!date) return std::nullopt;
    // In seconds, as the year 9999 has no place in the clock's nanoseconds; `now` is rounded down,
    // so that the wait is rather too long.
    auto const wait = *date - floor<seconds>(now);
    return wait.count() <= 0 ? duration::zero()
                             : wait_of(static_cast<std::uint64_t>(wait.count()), seconds{1});
}

std::optional<std::chrono::sys_seconds> parse_date(std::string_view value) noexcept {
    return parse_imf_fixdate(trim(value));
}

std::optional<duration> parse_retry_after_ms(std::string_view value) noexcept {
    return parse_count(trim(value), std::chrono::milliseconds{1});
}

void parse_ratelimit_into(std::string_view value, ratelimit_list& items) {
    items.clear();
    auto const keep = [&items](std::string&& name, std::uint64_t count, std::uint64_t seconds) {
        items.push_back({std::move(name), count, wait_of(seconds, std::chrono::seconds{1})});
    };
    if (!structured_field{value}.read_list("r", "t", keep)) items.clear();
}

ratelimit_list parse_ratelimit(std::string_view value) {
    ratelimit_list items;
    parse_ratelimit_into(value, items);
    return items;
}

ratelimit_policy_list parse_ratelimit_policy(std::string_view value) {
    ratelimit_policy_list items;
    auto const keep = [&items](std::string&& name, std::uint64_t count, std::uint64_t seconds) {
        if (count == 0 || seconds == 0) return;
        items.push_back({std::move(name), count, wait_of(seconds, std::chrono::seconds{1})});
    };
    if (!structured_field{value}.read_list("q", "w", keep)) items.clear();
    return items;
}

std::optional<bool> parse_should_retry(std::string_view value) noexcept {
    auto const is = [text = trim(value)](std::string_view word) {
        return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                          [](char a, char b) { return (is_alpha(a) ? (a | 0x20) : a) == b; });
    };
    if (is("true")) return true;
    if (is("false")) return false;
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::quota

namespace cloudflare::inline v0 {

std::vector<ratelimit_item> parse_ratelimit(std::string_view value) {
    auto items = quota::parse_ratelimit(value);
    return {std::make_move_iterator(items.begin()), std::make_move_iterator(items.end())};
}

std::vector<ratelimit_policy_item> parse_ratelimit_policy(std::string_view value) {
    auto items = quota::parse_ratelimit_policy(value);
    return {std::make_move_iterator(items.begin()), std::make_move_iterator(items.end())};
}

}  // namespace cloudflare::inline v0
