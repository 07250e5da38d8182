#include "email_security/feed/member_names.hpp"

#include "email_security/feed/feed_text.hpp"

#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t most_unknown = 100;

/// What the dashboard and other tools call a field.
struct other_name {
    std::string_view heading;
    std::string_view field;
};
constexpr std::array other_names{other_name{"blocked_sender", "pattern"},
                                 other_name{"allowed_sender", "pattern"},
                                 other_name{"allow_policy", "pattern"},
                                 other_name{"allowed_pattern", "pattern"},
                                 other_name{"trusted_domain", "pattern"},
                                 other_name{"sender", "pattern"},
                                 other_name{"sender_or_domain", "pattern"},
                                 other_name{"blocked_sender_type", "pattern_type"},
                                 other_name{"allowed_sender_type", "pattern_type"},
                                 other_name{"allow_policy_type", "pattern_type"},
                                 other_name{"allowed_pattern_type", "pattern_type"},
                                 other_name{"sender_type", "pattern_type"},
                                 other_name{"regex", "is_regex"},
                                 other_name{"regular_expression", "is_regex"},
                                 other_name{"note", "comments"},
                                 other_name{"notes", "comments"},
                                 other_name{"comment", "comments"},
                                 other_name{"trusted_sender", "is_trusted_sender"},
                                 other_name{"acceptable_sender", "is_acceptable_sender"},
                                 other_name{"exempt_recipient", "is_exempt_recipient"},
                                 other_name{"sender_verification", "verify_sender"},
                                 other_name{"recent", "is_recent"},
                                 other_name{"new_domain", "is_recent"},
                                 other_name{"similarity", "is_similarity"},
                                 other_name{"similar_domain", "is_similarity"},
                                 other_name{"expiry", expiry_name},
                                 other_name{"expires_at", expiry_name},
                                 other_name{"expiration", expiry_name},
                                 other_name{"valid_until", expiry_name}};

/// What the API has in an entry and nobody can set; not worth a word.
constexpr std::array<std::string_view, 8> read_only{"id",          "created_at",  "last_modified",
                                                    "modified_at", "is_email",    "is_domain",
                                                    "is_ip",       "is_recipient"};

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? number : 0;
}

/// A type as the API names it.
std::string_view type_name(std::string_view text) {
    auto const word = plain_heading(text);
    constexpr std::array<std::string_view, 5> domains{"domain", "hostname", "fqdn", "host",
                                                      "domain_name"};
    constexpr std::array<std::string_view, 5> addresses{"email", "e_mail", "email_address",
                                                        "email_src", "email_addr"};
    constexpr std::array<std::string_view, 10> networks{
        "ip",         "ipv4",   "ipv6",      "cidr",      "ipv4_cidr",
        "ip_address", "ip_src", "ipv4_addr", "ipv6_addr", "ipv6_cidr"};
    auto const has = [&word](auto const& names) {
        return std::ranges::find(names, word) != names.end();
    };
    if (has(domains)) return "DOMAIN";
    if (has(addresses)) return "EMAIL";
    if (has(networks)) return "IP";
    return text;
}

std::string_view flag_name(std::string_view text) {
    for (auto const* const each : {"true", "yes", "1", "y", "t"}) {
        if (is_same_word(text, each)) return "true";
    }
    for (auto const* const each : {"false", "no", "0", "n", "f"}) {
        if (is_same_word(text, each)) return "false";
    }
    return text;
}

}  // namespace

std::string plain_heading(std::string_view heading) {
    auto plain = lower_case(trim(heading));
    std::ranges::replace_if(
        plain, [](char c) { return c == ' ' || c == '-'; }, '_');
    return plain;
}

bool is_usual_pattern_heading(std::string_view heading) {
    return std::ranges::any_of(other_names, [heading](other_name const& each) {
        return each.heading == heading && each.field == "pattern";
    });
}

member_names::member_names(entry_maker& make) : make_{make} {}

std::size_t member_names::find_named(std::string_view name, bool exact) const {
    for (auto const& [field, column] : make_.reading().columns) {
        if (exact ? column == name : plain_heading(column) == plain_heading(name)) {
            return make_.fields().find(field);
        }
    }
    return make_.fields().size();
}

std::size_t member_names::find_exact(std::string_view member) const {
    auto const& fields = make_.fields();
    if (auto const named = find_named(member, true); named != fields.size()) return named;
    auto const known = fields.find(member);
    // The options say where a field is, and thus that it is nowhere else.
    auto const is_elsewhere = [&](auto const& each) { return fields.find(each.first) == known; };
    return std::ranges::any_of(make_.reading().columns, is_elsewhere) ? fields.size() : known;
}

std::size_t member_names::find(std::string_view heading) const {
    auto const& fields = make_.fields();
    if (auto const named = find_named(heading, false); named != fields.size()) return named;
    auto const known = fields.find(plain_heading(heading));
    auto const is_elsewhere = [&](auto const& each) { return fields.find(each.first) == known; };
    return std::ranges::any_of(make_.reading().columns, is_elsewhere) ? fields.size() : known;
}

std::size_t member_names::find_usual(std::string_view heading) const {
    auto const plain = plain_heading(heading);
    for (auto const& each : other_names) {
        if (each.heading != plain) continue;
        if (auto const field = find(each.field); field != make_.fields().size()) return field;
    }
    return make_.fields().size();
}

bool member_names::has_numbers() const {
    return std::ranges::any_of(make_.reading().columns,
                               [](auto const& each) { return number_in(each.second) != 0; });
}

std::vector<std::size_t> member_names::by_number(std::size_t columns) const {
    std::vector<std::size_t> fields(columns, make_.fields().size());
    for (auto const& [field, column] : make_.reading().columns) {
        auto const number = number_in(column);
        if (number != 0 && number <= columns) fields[number - 1] = make_.fields().find(field);
    }
    return fields;
}

std::string_view member_names::member_of_pattern() const {
    auto const& fields = make_.fields();
    for (auto const& [field, column] : make_.reading().columns) {
        if (fields.find(field) == fields.pattern_index()) return column;
    }
    return fields.pattern_name();
}

void member_names::set(std::size_t field, std::string_view text) {
    if (field == make_.fields().expiry()) {
        make_.set_expiry(text);
    } else if (make_.fields().is_type(field)) {
        if (auto const word = trim(text); !word.empty()) make_.set_text(field, type_name(word));
    } else if (make_.fields().is_boolean(field)) {
        if (auto const word = trim(text); !word.empty()) make_.set_text(field, flag_name(word));
    } else {
        make_.set_text(field, text);
    }
}

void member_names::count_unknown(std::string_view name) {
    if (std::ranges::find(read_only, name) != read_only.end()) return;
    auto shown = one_line(name.substr(0, 100));
    // Others choose the names, and as many as they like.
    if (unknown_.size() >= most_unknown && !unknown_.contains(shown)) shown = "others";
    if (++unknown_[shown] == 1) unknown_names_.push_back(std::move(shown));
}

void member_names::report_unknown() {
    for (auto const& each : unknown_names_) {
        unknown_member member;
        member.name = each;
        member.count = unknown_[each];
        make_.facts().unknown.push_back(std::move(member));
    }
}

}  // namespace cloudflare::inline v0::email_security
