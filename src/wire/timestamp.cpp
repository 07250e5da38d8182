#include <cloudflare/timestamp.hpp>

#include <cstdio>

namespace cloudflare {

namespace {

/// Fields of fixed width, from the front of a text. Once one was not there, nothing more is.
class reader {
public:
    explicit reader(std::string_view text) : rest_{text} {}

    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }

    int digits(std::size_t count) {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (char const c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    char take() {
        if (rest_.empty()) return static_cast<char>(fail());
        auto const c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    void expect(char c) {
        if (take() != c) fail();
    }

private:
    int fail() {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

bool is_one_of(char c, char a, char b) {
    return c == a || c == b;
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
    using namespace std::chrono;
    reader in{text};
    auto const y = in.digits(4);
    in.expect('-');
    auto const mo = in.digits(2);
    in.expect('-');
    auto const d = in.digits(2);
    auto const separator = in.take();
    auto const h = in.digits(2);
    in.expect(':');
    auto const mi = in.digits(2);
    in.expect(':');
    auto const s = in.digits(2);
    // 60 is a leap second, which the clock does not have: it becomes the next minute's first.
    if (in.failed() || !(is_one_of(separator, 'T', 't') || separator == ' ') || h > 23 || mi > 59 ||
        s > 60) {
        return std::nullopt;
    }

    microseconds fraction{0};
    auto zone = in.take();
    if (is_one_of(zone, '.', ',')) {
        auto unit = microseconds{100'000};
        fraction = in.digits(1) * unit;
        for (zone = in.take(); zone >= '0' && zone <= '9'; zone = in.take()) {
            unit /= 10;
            fraction += (zone - '0') * unit;
        }
    }

    minutes offset{0};
    if (is_one_of(zone, '+', '-')) {
        auto const oh = in.digits(2);
        in.expect(':');
        auto const om = in.digits(2);
        if (oh > 23 || om > 59) return std::nullopt;
        offset = hours{oh} + minutes{om};
        if (zone == '-') offset = -offset;
    } else if (!is_one_of(zone, 'Z', 'z')) {
        return std::nullopt;
    }
    if (in.failed() || !in.at_end()) return std::nullopt;

    auto const date = year{y} / mo / d;
    if (!date.ok()) return std::nullopt;
    auto const moment = sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction - offset;
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

}  // namespace cloudflare
