#include "faults.hpp"

#include "text.hpp"

#include <algorithm>
#include <stdexcept>

namespace cloudflare::inline v0::simulator {

namespace {

bool remove_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

std::optional<fault> parse_kind(std::string_view text) {
    using enum fault::kind;
    if (text == "reset-before") return fault{reset, false};
    if (text == "reset-after") return fault{reset, true};
    if (text == "truncate") return fault{truncate, true};
    if (text == "stall") return fault{stall, true};
    if (text == "empty") return fault{empty, true};
    if (text == "garbage") return fault{garbage, true};
    if (text == "hang") return fault{hang, false};
    if (text == "hang-after") return fault{hang, true};
    if (text == "reset-late") return fault{reset, false, 0, true};
    if (text == "hang-late") return fault{hang, false, 0, true};

    bool const as_html = remove_suffix(text, "-html");
    bool const processed = !as_html && remove_suffix(text, "-after");
    bool const late = !as_html && !processed && remove_suffix(text, "-late");
    auto const number = to_number<unsigned>(text);
    if (text.size() != 3 || !number || *number < 400 || *number > 599) return std::nullopt;
    return fault{as_html ? html : status, processed, *number, late};
}

}  // namespace

fault_plan::fault_plan(std::string_view spec, std::uint64_t seed) : random_(seed) {
    while (!spec.empty()) {
        std::size_t const comma = spec.find(',');
        items_.push_back(parse(spec.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        spec.remove_prefix(comma + 1);
        if (spec.empty()) throw std::invalid_argument("faults end with a comma");
    }
}

fault_plan::item fault_plan::parse(std::string_view text) {
    std::invalid_argument const malformed("malformed fault: '" + std::string{text} + '\'');
    item result;
    if (std::size_t const colon = text.find(':'); colon != std::string_view::npos) {
        result.method = text.substr(0, colon);
        bool const sound = !result.method.empty() && std::ranges::all_of(result.method, is_upper);
        if (!sound) throw malformed;
        text.remove_prefix(colon + 1);
    }
    std::size_t const sign = text.find_first_of("@#");
    if (sign == std::string_view::npos) throw malformed;
    auto const what = parse_kind(text.substr(0, sign));
    if (!what) throw malformed;
    result.what = *what;

    std::string_view const when = text.substr(sign + 1);
    if (text[sign] == '@') {
        result.rate = to_number<double>(when);
        // Written so that NaN fails too.
        if (!result.rate || !(*result.rate >= 0 && *result.rate <= 1)) throw malformed;
        return result;
    }
    std::size_t const dash = when.find('-');
    auto const first = to_number<std::uint64_t>(when.substr(0, dash));
    auto const last =
        dash == std::string_view::npos ? first : to_number<std::uint64_t>(when.substr(dash + 1));
    if (!first || !last || *first == 0 || *last < *first) throw malformed;
    result.first = *first;
    result.last = *last;
    return result;
}

std::optional<fault> fault_plan::next(std::string_view method) {
    std::optional<fault> struck;
    for (item& i : items_) {
        if (!i.method.empty() && i.method != method) continue;
        ++i.seen;
        bool strikes = i.seen >= i.first && i.seen <= i.last;
        if (i.rate) {
            // The top 53 bits; std::uniform_real_distribution differs between libraries.
            strikes = static_cast<double>(random_() >> 11U) * 0x1p-53 < *i.rate;
        }
        if (strikes && !struck) struck = i.what;
    }
    return struck;
}

}  // namespace cloudflare::inline v0::simulator
