#include "email_security/feed/address_mentions.hpp"

#include "email_security/feed/address_range.hpp"
#include "email_security/feed/ascii.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr auto npos = std::string_view::npos;

/// What people put around the pieces of an address.
constexpr std::string_view wrapping = " \t[](){}<>\"'";

void skip(std::string_view& text, std::string_view what) {
    text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
}

std::string_view digits_at(std::string_view text) {
    return text.substr(0, text.find_first_not_of("0123456789"));
}

/// A number of at most four digits, as one with leading zeros.
std::optional<std::uint32_t> number_of(std::string_view digits, std::uint32_t most, int base = 10) {
    std::uint32_t value = 0;
    auto const* const end = digits.data() + digits.size();
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    auto const read = std::from_chars(digits.data(), end, value, base);
    if (read.ec != std::errc{} || read.ptr != end || value > most) return std::nullopt;
    return value;
}

/// Takes a number from the beginning.
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
    auto const digits = digits_at(text);
    auto const found = number_of(digits, most);
    if (found) text.remove_prefix(digits.size());
    return found;
}

ip_block block_v4(std::uint32_t address, std::uint32_t prefix) {
    auto const mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
    return {0, std::uint64_t{0xffff} << 32U | (address & mask), 96 + prefix};
}

/// Numbers with dots between them, and wildcards behind them.
struct dotted {
    std::vector<std::uint32_t> numbers;
    std::vector<std::uint32_t> octal;  ///< the other reading of leading zeros
    bool has_wildcards = false;

    std::uint32_t address(std::vector<std::uint32_t> const& from) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i != 4; ++i) value = value << 8U | (i < from.size() ? from[i] : 0);
        return value;
    }
    std::uint32_t prefix() const {
        return 8 * static_cast<std::uint32_t>(std::min<std::size_t>(numbers.size(), 4));
    }
};

bool is_wildcard(std::string_view text) {
    auto const c = to_lower(text.empty() ? '\0' : text.front());
    return c == '*' || (c == 'x' && (text.size() < 2 || !is_alphanumeric(text[1])));
}

/// Takes them from the beginning, at most as many as an address in the DNS has with its prefix.
dotted take_dotted(std::string_view& text) {
    constexpr std::size_t most = 5;
    dotted found;
    for (;;) {
        auto rest = text;
        if (!found.numbers.empty()) {
            if (!rest.starts_with('.')) break;
            rest.remove_prefix(1);
        }
        if (!found.numbers.empty() && is_wildcard(rest)) {
            found.has_wildcards = true;
            text = rest.substr(1);
            if (text.starts_with('.') && is_wildcard(text.substr(1))) continue;
            break;
        }
        if (found.has_wildcards || found.numbers.size() == most) break;
        auto const digits = digits_at(rest);
        auto const value = number_of(digits, 255);
        if (!value) break;
        found.numbers.push_back(*value);
        auto const other = digits.front() == '0' ? number_of(digits, 255, 8) : std::nullopt;
        found.octal.push_back(other.value_or(*value));
        text = rest.substr(digits.size());
    }
    return found;
}

/// The length of a netmask, or of a mask of the bits that may differ.
std::optional<std::uint32_t> length_of(dotted const& mask) {
    if (mask.numbers.size() != 4) return std::nullopt;
    auto const value = mask.address(mask.numbers);
    auto const ones = static_cast<std::uint32_t>(std::countl_one(value));
    auto const zeros = static_cast<std::uint32_t>(std::countl_zero(value));
    if (ones > 0 && static_cast<std::uint32_t>(std::popcount(value)) == ones) return ones;
    if (zeros > 0 && static_cast<std::uint32_t>(std::popcount(value)) == 32 - zeros) return zeros;
    return std::nullopt;
}

/// Takes what stands between the ends of a range.
bool take_dash(std::string_view& text) {
    auto rest = text;
    skip(rest, wrapping);
    constexpr std::array<std::string_view, 6> dashes{"-", "..", "to ", "until ", "through ", "~"};
    for (auto const each : dashes) {
        if (!starts_with_word(rest, each)) continue;
        rest.remove_prefix(each.size());
        skip(rest, wrapping);
        skip(rest, "-");
        text = rest;
        return true;
    }
    return false;
}

void add_range(ip_block const& first, ip_block const& last, std::vector<ip_block>& found) {
    if (last < first || first.is_v4() != last.is_v4()) return;
    auto const blocks = blocks_of({first, last});
    found.insert(found.end(), blocks.begin(), blocks.end());
}

/// What stands behind `address`, of which `prefix` bits are given: its other bits.
void add_behind_v4(std::string_view rest, std::uint32_t address, std::uint32_t prefix,
                   std::vector<ip_block>& found) {
    auto after = rest;
    skip(after, wrapping);
    bool const has_slash = after.starts_with('/');
    if (has_slash) {
        after.remove_prefix(1);
        skip(after, wrapping);
    }
    bool const has_more = has_slash || after.size() != rest.size();
    if (has_more && !after.empty() && is_digit(after.front())) {
        auto text = after;
        auto const second = take_dotted(text);
        if (auto const length = length_of(second)) found.push_back(block_v4(address, *length));
        if (second.numbers.size() == 4 && !has_slash) {
            add_range(block_v4(address, 32), block_v4(second.address(second.numbers), 32), found);
        }
        text = after;
        auto const length = has_slash ? take_number(text, 32) : std::nullopt;
        if (length) found.push_back(block_v4(address, *length));
    }
    if (!take_dash(rest)) return;
    auto const to = take_dotted(rest);
    auto const host = prefix == 32 ? address & 0xffU : 0U;
    if (to.numbers.size() == 4) {
        add_range(block_v4(address, 32), block_v4(to.address(to.numbers), 32), found);
    } else if (to.numbers.size() == 1 && prefix == 32 && to.numbers[0] >= host) {
        add_range(block_v4(address, 32), block_v4(address - host + to.numbers[0], 32), found);
    }
}

void add_v4(std::string_view& text, std::vector<ip_block>& found) {
    auto const begin = text;
    auto const all = take_dotted(text);
    auto const count = all.numbers.size();
    if (count == 5 && all.numbers[0] <= 32) {
        // As the zones of response policies have it: the prefix, and the address from its end.
        auto reversed = all.numbers;
        std::reverse(reversed.begin() + 1, reversed.end());
        reversed.erase(reversed.begin());
        found.push_back(block_v4(all.address(reversed), all.numbers[0]));
    }
    if (count >= 4) {
        for (auto const* each : {&all.numbers, &all.octal}) {
            auto const address = all.address(*each);
            found.push_back(block_v4(address, 32));
            if (count == 4) add_behind_v4(text, address, 32, found);
        }
        // There may be another one behind a number of a list.
        if (count == 5) {
            text = begin.substr(digits_at(begin).size() + 1);
        } else if (starts_with_word(text, ".in-addr")) {
            std::vector<std::uint32_t> const reversed{all.numbers.rbegin(), all.numbers.rend()};
            found.push_back(block_v4(all.address(reversed), 32));
        }
        return;
    }
    if (count == 0) {
        text.remove_prefix(std::max<std::size_t>(digits_at(text).size(), 1));
        return;
    }
    auto after = text;
    if (after.starts_with('.')) after.remove_prefix(1);
    auto const address = all.address(all.numbers);
    if (count > 1 || all.has_wildcards) found.push_back(block_v4(address, all.prefix()));
    add_behind_v4(after, address, all.prefix(), found);
    if (starts_with_word(text, ".in-addr")) {
        std::vector<std::uint32_t> const reversed{all.numbers.rbegin(), all.numbers.rend()};
        found.push_back(block_v4(all.address(reversed), all.prefix()));
    }
}

bool is_part_of_v6(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f') || c == ':' || c == '.';
}

/// Of a text without `::`, its groups filled up with zeros, and how many bits they are.
std::optional<ip_block> prefix_v6(std::string_view text) {
    auto const groups = 1 + std::ranges::count(text, ':');
    if (text.find("::") != npos || groups > 7 || groups < 2) return std::nullopt;
    return parse_ip_block(std::string{text} + "::/" + std::to_string(16 * groups));
}

std::optional<ip_block> address_v6(std::string_view text) {
    constexpr std::size_t longest = 45;
    while (text.ends_with('.') || (text.ends_with(':') && !text.ends_with("::"))) {
        text.remove_suffix(1);
    }
    if (text.size() > longest || text.find(':') == npos) return std::nullopt;
    if (text.starts_with(':') && !text.starts_with("::")) text.remove_prefix(1);
    if (auto found = parse_ip_block(text)) return found;
    return prefix_v6(text);
}

void add_behind_v6(std::string_view rest, ip_block const& address, std::vector<ip_block>& found) {
    auto after = rest;
    skip(after, wrapping);
    if (after.starts_with('/')) {
        after.remove_prefix(1);
        skip(after, wrapping);
        if (auto const length = take_number(after, 128)) {
            auto whole = address;
            whole.prefix = 128;
            auto const text = to_string(whole) + '/' + std::to_string(*length);
            if (auto const block = parse_ip_block(text)) found.push_back(*block);
        }
    }
    if (!take_dash(rest)) return;
    auto const size = std::ranges::find_if_not(rest, is_part_of_v6) - rest.begin();
    auto const last = address_v6(rest.substr(0, static_cast<std::size_t>(size)));
    if (last && last->prefix == 128 && address.prefix == 128) add_range(address, *last, found);
}

/// A run of what IPv6 addresses are of. A word before it may end in such letters, or a port follow
/// it: also without its first and last groups.
void add_v6(std::string_view run, std::string_view rest, std::vector<ip_block>& found) {
    auto begin = run;
    for (int first = 0; first != 3; ++first) {
        auto end = begin;
        for (int last = 0; last != 2; ++last) {
            if (auto const address = address_v6(end)) {
                found.push_back(*address);
                if (last == 0) add_behind_v6(rest, *address, found);
            }
            end = end.substr(0, std::min(end.rfind(':'), end.size()));
        }
        auto const colon = begin.find(':');
        if (colon == npos) return;
        begin.remove_prefix(colon + 1);
    }
}

/// As the zones of response policies have it: `48.zz.fe.2620` is 2620:fe::/48.
void add_reversed_v6(std::string_view text, std::vector<ip_block>& found) {
    constexpr std::size_t longest = 48;
    text = text.substr(0, longest + 1);
    auto run = text.substr(0, text.find_first_not_of("0123456789abcdefABCDEFzZ."));
    while (run.ends_with('.')) run.remove_suffix(1);
    auto const dot = run.find('.');
    if (dot == npos || run.size() > longest) return;
    std::string address;
    bool has_gap = false;
    for (auto rest = run.substr(dot + 1);;) {
        auto const last = rest.rfind('.');
        auto const label = rest.substr(last == npos ? 0 : last + 1);
        if (is_same_word(label, "zz")) {
            if (has_gap) return;
            has_gap = true;
            address += address.empty() ? "::" : ":";
        } else {
            address += label;
            if (last != npos) address += ':';
        }
        if (last == npos) break;
        rest = rest.substr(0, last);
    }
    if (address.find(':') == npos) return;
    auto const block = parse_ip_block(address + '/' + std::string{run.substr(0, dot)});
    if (block) found.push_back(*block);
}

}  // namespace

void add_addresses_in(std::string_view text, std::vector<ip_block>& found) {
    for (auto rest = text; !rest.empty();) {
        auto const next = rest.find_first_of("0123456789");
        if (next == npos) break;
        bool const is_start = next == 0 || rest[next - 1] != '.' || rest.data() == text.data();
        rest.remove_prefix(next);
        if (is_start) add_reversed_v6(rest, found);
        add_v4(rest, found);
    }
    for (auto rest = text; !rest.empty();) {
        auto const begin = std::ranges::find_if(rest, is_part_of_v6);
        rest.remove_prefix(static_cast<std::size_t>(begin - rest.begin()));
        auto const end = std::ranges::find_if_not(rest, is_part_of_v6);
        auto const run = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
        rest.remove_prefix(run.size());
        if (run.find(':') != npos) add_v6(run, rest, found);
    }
}

}  // namespace cloudflare::inline v0::email_security
