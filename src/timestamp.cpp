#include <cloudflare/timestamp.hpp>

#include <charconv>
#include <cstdio>

namespace cloudflare {

namespace {

/// Reads fixed-width fields from the front of a text.
class reader {
public:
    explicit reader(std::string_view text) : rest_{text} {}

    bool digits(std::size_t count, int& value) {
        if (rest_.size() < count) return false;
        auto const* const end = rest_.data() + count;
        for (auto const* c = rest_.data(); c != end; ++c) {
            if (*c < '0' || *c > '9') return false;
        }
        auto const read = std::from_chars(rest_.data(), end, value);
        rest_.remove_prefix(count);
        return read.ec == std::errc{};
    }

    bool any_of(std::string_view choices, char& taken) {
        if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return false;
        taken = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    bool any_of(std::string_view choices) {
        char ignored{};
        return any_of(choices, ignored);
    }

    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) noexcept {
    using namespace std::chrono;
    reader in{text};
    int y{}, mo{}, d{}, h{}, mi{}, s{};
    if (!in.digits(4, y) || !in.any_of("-") || !in.digits(2, mo) || !in.any_of("-") ||
        !in.digits(2, d) || !in.any_of("Tt ") || !in.digits(2, h) || !in.any_of(":") ||
        !in.digits(2, mi) || !in.any_of(":") || !in.digits(2, s)) {
        return std::nullopt;
    }
    // 60 is a leap second, which the clock does not have: it becomes the next minute's first.
    if (h > 23 || mi > 59 || s > 60) return std::nullopt;

    microseconds fraction{0};
    if (in.any_of(".,")) {
        int digit{};
        if (!in.digits(1, digit)) return std::nullopt;
        auto unit = microseconds{100'000};
        do {
            fraction += digit * unit;
            unit /= 10;
        } while (in.digits(1, digit));
    }

    minutes offset{0};
    char sign{};
    if (!in.any_of("Zz")) {
        int oh{}, om{};
        if (!in.any_of("+-", sign) || !in.digits(2, oh) || !in.any_of(":") || !in.digits(2, om) ||
            oh > 23 || om > 59) {
            return std::nullopt;
        }
        offset = hours{oh} + minutes{om};
        if (sign == '-') offset = -offset;
    }
    if (!in.at_end()) return std::nullopt;

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
