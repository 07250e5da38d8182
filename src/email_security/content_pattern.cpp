#include "email_security/content_pattern.hpp"

#include <cloudflare/detail/validation.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr unsigned most_repetitions = 50;

error refusal(std::string_view why) {
    return invalid_field("pattern", why);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The end of a class `[…]` that begins at `at`: the place after its bracket.
std::size_t end_of_class(std::string_view text, std::size_t at) {
    ++at;
    if (at < text.size() && text[at] == '^') ++at;
    // A bracket that closes is plain text where it comes first.
    if (at < text.size() && text[at] == ']') ++at;
    for (; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == ']') {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

/// What is wrong with a count `{…}`, given without its braces; empty when it is none, or sound.
std::string_view fault_of_count(std::string_view count) {
    auto const comma = std::min(count.find(','), count.size());
    auto const least = count.substr(0, comma);
    auto const most = comma == count.size() ? least : count.substr(comma + 1);
    auto const is_number = [](std::string_view text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    };
    if (!is_number(least)) return {};
    if (most.empty()) return "has a count without an end ({n,}), which the API does not take";
    if (!is_number(most)) return {};
    for (auto const each : {least, most}) {
        unsigned value = 0;
        auto const read = std::from_chars(each.data(), each.data() + each.size(), value);
        if (read.ec != std::errc{} || value > most_repetitions) {
            return "has a count above 50, which the API does not take";
        }
    }
    return {};
}

}  // namespace

result<void> check_content_pattern(std::string_view value) {
    if (auto const valid = check_text("pattern", value, 1, 2048); !valid) return valid;
    for (std::size_t at = 0; at < value.size();) {
        switch (value[at]) {
            case '\\':
                if (at + 1 == value.size()) return refusal("ends with a single backslash");
                at += 2;
                break;
            case '[':
                at = end_of_class(value, at);
                if (at == std::string_view::npos) return refusal("has a [ that is not closed");
                break;
            case '(':
            case ')':
                return refusal("has a group or lookaround, which the API does not take");
            case '{': {
                auto const end = value.find('}', at);
                if (end != std::string_view::npos) {
                    auto const fault = fault_of_count(value.substr(at + 1, end - at - 1));
                    if (!fault.empty()) return refusal(fault);
                }
                ++at;
                break;
            }
            default:
                ++at;
        }
    }
    return {};
}

}  // namespace cloudflare::inline v0::email_security
