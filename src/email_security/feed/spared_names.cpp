#include "email_security/feed/spared_names.hpp"

#include "email_security/feed/address_mentions.hpp"
#include "email_security/feed/ascii.hpp"
#include "email_security/feed/code_points.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/idn.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_address = 320;

/// A dot or an at sign that is not written as one, or with something around it. What stands at its
/// sides may belong together or not.
constexpr char loose_dot = '\x01';
constexpr char loose_at = '\x02';

/// Where the names go, and of which type they may be.
struct collecting {
    std::optional<pattern_type> type;
    std::vector<std::string>& names;

    void add(std::string_view text, pattern_type is) {
        if (type && *type != is) return;
        if (auto found = recognise_pattern(text, is)) {
            names.push_back(std::move(found->pattern));
        } else if (std::ranges::any_of(text, [](char c) { return c < 0; })) {
            add_forbidden(text, is);
        }
    }

private:
    /// Names with emoji for one are registered all the same, and on the list as A-labels.
    void add_forbidden(std::string_view text, pattern_type is) {
        auto const domain = text.substr(text.rfind('@') + 1);
        std::string made{text.substr(0, text.size() - domain.size())};
        made += look_up_any_idn(std::string{domain}).name;
        if (auto found = recognise_pattern(made, is)) names.push_back(std::move(found->pattern));
    }
};

/// Names end in a label that has a letter.
bool may_end_name(std::string_view label) {
    return label.size() > 1 && !std::ranges::all_of(label, is_digit);
}

/// A name, and the names that it begins with: a zone's may stand behind it.
void add_domain(std::string_view name, collecting& into) {
    while (name.starts_with('.') || name.starts_with('-')) name.remove_prefix(1);
    while (name.ends_with('.') || name.ends_with('-')) name.remove_suffix(1);
    // A letter beyond ASCII takes less room in the name than here.
    if (name.size() > 4 * longest_name) return;
    constexpr int most_parents = 12;
    for (int i = 0; i != most_parents; ++i) {
        auto const dot = name.rfind('.');
        if (dot == npos) return;
        if (may_end_name(name.substr(dot + 1))) into.add(name, pattern_type::domain);
        name = name.substr(0, dot);
    }
}

bool is_part_of_name(char c) {
    return c < 0 || is_alphanumeric(c) || c == '.' || c == '-';
}

bool is_part_of_local(char c) {
    return is_part_of_name(c) || std::string_view{"!#$%&'*+/=?^_`{|}~"}.find(c) != npos;
}

/// Those characters of local parts that nobody puts around an address.
bool is_part_of_plain_local(char c) {
    return is_part_of_name(c) || c == '_' || c == '+';
}

template <class IsPart>
std::size_t size_at_end(std::string_view text, IsPart is_part) {
    auto const last = text.size() - std::min(text.size(), longest_address);
    auto size = text.size();
    while (size > last && is_part(text[size - 1])) --size;
    return text.size() - size;
}

/// The addresses around an at sign: with what may be in local parts, with what mostly is, and with
/// a quoted one.
void add_addresses_at(std::string_view text, std::size_t at, collecting& into) {
    auto const before = text.substr(0, at);
    auto const behind = text.substr(at + 1, 4 * longest_name);
    auto const end = std::ranges::find_if_not(behind, is_part_of_name) - behind.begin();
    auto domain = behind.substr(0, static_cast<std::size_t>(end));
    while (domain.ends_with('.') || domain.ends_with('-')) domain.remove_suffix(1);
    if (domain.empty()) return;
    auto const add = [&](std::size_t size) {
        if (size == 0) return;
        into.add(text.substr(at - size, size + 1 + domain.size()), pattern_type::email);
    };
    auto const wide = size_at_end(before, is_part_of_local);
    auto const plain = size_at_end(before, is_part_of_plain_local);
    add(wide);
    // What no local part begins with stands before the address.
    auto const start = before.substr(before.size() - wide).find_first_not_of(".'*/|=&#$%?`{}~!^");
    if (start != npos && start != 0) add(wide - start);
    add(plain);
    auto const plain_start = before.substr(before.size() - plain).find_first_not_of(".-_+");
    if (plain_start != npos && plain_start != 0) add(plain - plain_start);
    if (before.ends_with('"') && before.size() > 1) {
        auto const nearest =
            before.substr(before.size() - std::min<std::size_t>(before.size(), 66));
        auto const open = nearest.rfind('"', nearest.size() - 2);
        if (open != npos) add(nearest.size() - open);
    }
}

void add_addresses(std::string_view text, collecting& into) {
    for (auto at = text.find('@'); at != npos; at = text.find('@', at + 1)) {
        add_addresses_at(text, at, into);
    }
}

/// Calls `with(piece)` for each piece of a text of which all characters are such.
template <class IsPart, class With>
void for_each_piece(std::string_view text, IsPart is_part, With with) {
    while (!text.empty()) {
        auto const begin = std::ranges::find_if(text, is_part);
        text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
        auto const end = std::ranges::find_if_not(text, is_part);
        auto const size = static_cast<std::size_t>(end - text.begin());
        if (size != 0) with(text.substr(0, size));
        text.remove_prefix(size);
    }
}

void add_all_pieces(std::string_view text, collecting& into) {
    for_each_piece(text, is_part_of_name, [&into](std::string_view piece) {
        // An empty label is in no name.
        while (!piece.empty()) {
            auto const end = std::min(piece.find(".."), piece.size());
            add_domain(piece.substr(0, end), into);
            piece.remove_prefix(std::min(end + 1, piece.size()));
        }
    });
    add_addresses(text, into);
    if (into.type && *into.type != pattern_type::ip) return;
    std::vector<ip_block> blocks;
    add_addresses_in(text, blocks);
    for (auto const& each : blocks) into.add(to_string(each), pattern_type::ip);
}

bool is_wrapping(char c) {
    return is_blank(c) || std::string_view{"[](){}<>\"'`|"}.find(c) != npos;
}

/// A dot or an at sign as people write one, without what is around it.
struct sign {
    std::string_view text;
    char meant;
    bool is_bare;  ///< counts by itself, without anything around it
};
constexpr std::array signs{sign{".", loose_dot, true},
                           sign{"@", loose_at, true},
                           sign{"dot", loose_dot, false},
                           sign{"punkt", loose_dot, false},
                           sign{"point", loose_dot, false},
                           sign{"at", loose_at, false},
                           sign{",", loose_dot, false},
                           sign{"-", '-', false},
                           sign{"://", ':', false},
                           sign{":", ':', false},
                           sign{"/", '/', false}};

sign const* sign_at(std::string_view text) {
    for (auto const& each : signs) {
        if (starts_with_word(text, each.text)) return &each;
    }
    return nullptr;
}

/// With what is written for dots and at signs, and what is around them, as `loose_dot` and
/// `loose_at`; with other signs without the brackets around them.
std::string loosen(std::string_view text) {
    std::string loose;
    loose.reserve(text.size());
    auto const skip = [](std::string_view& from) {
        auto const end = std::ranges::find_if_not(from, is_wrapping) - from.begin();
        auto const skipped = from.substr(0, static_cast<std::size_t>(end));
        from.remove_prefix(skipped.size());
        return skipped;
    };
    while (!text.empty()) {
        auto rest = text;
        auto const before = skip(rest);
        auto const* const found = sign_at(rest);
        if (found == nullptr) {
            if (!before.empty()) {
                loose += before;
                text = rest;
                continue;
            }
            // A whole word, as one has none of the other signs in it.
            auto const end = std::ranges::find_if_not(text, is_alphanumeric) - text.begin();
            auto const size = std::max<std::size_t>(static_cast<std::size_t>(end), 1);
            loose += text.substr(0, size);
            text.remove_prefix(size);
            continue;
        }
        rest.remove_prefix(found->text.size());
        auto const behind = skip(rest);
        bool const is_wrapped = !before.empty() && !behind.empty();
        bool const is_word = is_alphanumeric(found->text.front());
        if (found->is_bare ? before.empty() && behind.empty() && !rest.starts_with(found->text)
                           : !is_wrapped) {
            loose += before;
            loose += found->text;
            text = rest;
            loose += behind;
            continue;
        }
        bool const is_blank_only = trim(before).empty() && trim(behind).empty();
        if (!found->is_bare && !is_word && is_blank_only) {
            loose += before;
            loose += found->text;
            loose += behind;
        } else if (loose.empty() || loose.back() != found->meant) {
            loose += found->meant;
        }
        text = rest;
        // What comes twice is one.
        while (found->is_bare && text.starts_with(found->text)) {
            text.remove_prefix(found->text.size());
            skip(text);
        }
    }
    return loose;
}

/// Names of some of the pieces between the loose signs of a text, as others may not belong to them.
void add_runs(std::string_view text, collecting& into) {
    constexpr int most_pieces = 8;
    auto const is_part = [](char c) {
        return is_part_of_plain_local(c) || c == loose_dot || c == loose_at;
    };
    auto const is_sign = [](char c) { return c == loose_dot || c == loose_at; };
    for_each_piece(text, is_part, [&](std::string_view run) {
        while (!run.empty()) {
            std::string name;
            auto rest = run;
            std::size_t first = 0;
            for (int i = 0; i != most_pieces && !rest.empty(); ++i) {
                auto const end = std::ranges::find_if(rest, is_sign) - rest.begin();
                auto const size = static_cast<std::size_t>(end);
                if (i == 0) first = size;
                if (name.size() + size > 4 * longest_name) break;
                name += rest.substr(0, size);
                bool const may_end =
                    i != 0 && may_end_name(std::string_view{name}.substr(name.rfind('.') + 1));
                if (may_end && name.find('@') == std::string::npos) add_domain(name, into);
                if (may_end && name.find('@') != std::string::npos) add_addresses(name, into);
                if (size == rest.size()) break;
                name += rest[size] == loose_dot ? '.' : '@';
                rest.remove_prefix(size + 1);
            }
            run.remove_prefix(std::min(first + 1, run.size()));
        }
    });
}

/// Adds what a text in which only names are not ASCII may name.
void add_names_of(std::string_view text, collecting& into) {
    add_all_pieces(text, into);
    auto loose = loosen(text);
    bool const has_signs = loose.find_first_of("\x01\x02") != std::string::npos;
    if (!has_signs && loose == text) return;
    if (has_signs) add_runs(loose, into);
    std::ranges::replace(loose, loose_dot, '.');
    std::ranges::replace(loose, loose_at, '@');
    add_all_pieces(loose, into);
}

/// A way to write a character by its number.
struct escape {
    std::string_view before;
    std::size_t least;
    std::size_t most;
    int base;
    std::string_view behind;
};
constexpr std::array escapes{escape{"\\u", 4, 4, 16, ""},  escape{"\\x", 2, 2, 16, ""},
                             escape{"\\", 3, 3, 10, ""},   escape{"%", 2, 2, 16, ""},
                             escape{"&#x", 1, 6, 16, ";"}, escape{"&#", 1, 7, 10, ";"},
                             escape{"=", 2, 2, 16, ""}};

/// The character that is written so at the beginning, and the size of that; 0 when there is none.
std::pair<std::uint32_t, std::size_t> escaped_at(std::string_view text) {
    for (auto const& each : escapes) {
        if (!starts_with_word(text, each.before)) continue;
        auto const digits = text.substr(each.before.size(), each.most);
        std::uint32_t value = 0;
        auto const read =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, each.base);
        auto const size = static_cast<std::size_t>(read.ptr - digits.data());
        auto const rest = text.substr(each.before.size() + size);
        if (read.ec != std::errc{} || size < each.least || !rest.starts_with(each.behind)) continue;
        return {value, each.before.size() + size + each.behind.size()};
    }
    return {0, 0};
}

void append_utf_8(std::uint32_t value, std::string& into) {
    auto const add = [&into](std::uint32_t byte) { into += static_cast<char>(byte); };
    if (value < 0x80) return add(value);
    bool const is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (is_surrogate || value > 0x10FFFF) return add(' ');
    if (value < 0x800) {
        add(0xC0 | value >> 6U);
    } else if (value < 0x10000) {
        add(0xE0 | value >> 12U);
        add(0x80 | (value >> 6U & 0x3FU));
    } else {
        add(0xF0 | value >> 18U);
        add(0x80 | (value >> 12U & 0x3FU));
        add(0x80 | (value >> 6U & 0x3FU));
    }
    add(0x80 | (value & 0x3FU));
}

/// With characters that are written by their numbers as they are, and without backslashes.
std::string unescape(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        auto const next = std::min(text.find_first_of("\\%&="), text.size());
        plain += text.substr(0, next);
        text.remove_prefix(next);
        if (text.empty()) break;
        auto const [value, size] = escaped_at(text);
        if (size != 0) {
            append_utf_8(value, plain);
        } else if (text.front() != '\\') {
            plain += text.front();
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return plain;
}

/// Adds what a text may name in each of the ways that characters beyond ASCII are read.
void add_in_every_reading(std::string_view text, collecting& into) {
    if (std::ranges::none_of(text, [](char c) { return c < 0; })) return add_names_of(text, into);
    constexpr std::array readings{
        plain_reading{false, false, false}, plain_reading{true, false, false},
        plain_reading{true, true, false}, plain_reading{true, false, true},
        plain_reading{true, true, true},    plain_reading{true, true, false, true}};
    std::vector<std::string> made;
    for (auto const& each : readings) {
        auto plain = make_plain(text, each);
        if (std::ranges::find(made, plain) != made.end()) continue;
        add_names_of(plain, into);
        made.push_back(std::move(plain));
    }
}

}  // namespace

void add_names_in(std::string_view text, std::optional<pattern_type> type,
                  std::vector<std::string>& names) {
    auto const before = static_cast<std::ptrdiff_t>(names.size());
    collecting into{type, names};
    add_in_every_reading(text, into);
    if (text.find_first_of("\\%&=") != npos) {
        if (auto const plain = unescape(text); plain != text) add_in_every_reading(plain, into);
    }
    std::sort(names.begin() + before, names.end());
    names.erase(std::unique(names.begin() + before, names.end()), names.end());
}

}  // namespace cloudflare::inline v0::email_security
