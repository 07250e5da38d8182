#include "email_security/feed/expression_matching.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t tries_between_looks = 256;

std::string_view domain_of(std::string_view address) {
    return address.substr(address.rfind('@') + 1);
}

}  // namespace

expression_matching::expression_matching(sender_patterns const& expressions,
                                         sender_patterns const& others, clock::duration time)
    : patterns_{expressions}, time_{time} {
    contents there;
    for (std::uint32_t i = 0; i != others.size(); ++i) {
        auto const key = others.key(i);
        there.has_expressions = there.has_expressions || key.is_regex;
        if (key.is_regex) continue;
        there.has_domains = there.has_domains || key.type == pattern_type::domain;
        bool const is_block =
            key.type == pattern_type::ip && key.pattern.find('/') != std::string_view::npos;
        there.has_blocks = there.has_blocks || is_block;
    }
    for (std::uint32_t i = 0; i != expressions.size(); ++i) {
        auto const key = expressions.key(i);
        if (!key.is_regex) continue;
        auto made = sender_expression::compile(key.pattern);
        if (!made) {
            leave(i, made.error().detail());
            continue;
        }
        leave_what_cannot_be_told(i, key.type, there);
        usable_.push_back({i, key.type, std::move(*made)});
    }
}

std::optional<expression_matching::match> expression_matching::find(pattern_key const& key) {
    if (key.is_regex) return std::nullopt;
    for (auto const& each : usable_) {
        if (is_out_of_time()) return std::nullopt;
        bool is_whole = true;
        auto text = key.pattern;
        if (each.type != key.type) {
            bool const is_known = key.type != pattern_type::unknown;
            if (each.type == pattern_type::domain && key.type == pattern_type::email) {
                text = domain_of(key.pattern);
            } else if (each.type == pattern_type::email && key.type == pattern_type::domain) {
                probe_ = "anyone@";
                probe_ += key.pattern;
                text = probe_;
                is_whole = false;
            } else if (is_known && each.type != pattern_type::unknown) {
                continue;
            }
        } else if (key.type == pattern_type::ip) {
            auto const slash = key.pattern.find('/');
            is_whole = slash == std::string_view::npos;
            text = key.pattern.substr(0, slash);
        }
        if (each.expression.matches(text)) return match{each.number, is_whole};
    }
    return std::nullopt;
}

void expression_matching::add_uncompared(std::vector<uncompared_expression>& into) const {
    into.insert(into.end(), left_.begin(), left_.end());
    if (!is_over_) return;
    for (auto const& each : usable_) {
        into.push_back({patterns_.line(each.number), patterns_.pattern(each.number),
                        "is not compared with all patterns, as that would take too long"});
    }
}

bool expression_matching::is_out_of_time() {
    if (is_over_ || tried_++ % tries_between_looks != 0) return is_over_;
    auto const now = clock::now();
    if (!end_) end_ = now + time_;
    is_over_ = now >= *end_;
    return is_over_;
}

void expression_matching::leave(std::uint32_t number, std::string reason) {
    left_.push_back({patterns_.line(number), patterns_.pattern(number), std::move(reason)});
}

void expression_matching::leave_what_cannot_be_told(std::uint32_t number, pattern_type type,
                                                    contents const& there) {
    if (there.has_expressions) {
        leave(number, "is compared with other regular expressions by the text alone");
    }
    if (type == pattern_type::domain && there.has_domains) {
        leave(number, "is not compared with names below the domains");
    }
    if (type == pattern_type::email && there.has_domains) {
        leave(number, "is compared with domains by the address anyone@ alone");
    }
    if (type == pattern_type::ip && there.has_blocks) {
        leave(number, "is compared with CIDR blocks by the first address alone");
    }
}

}  // namespace cloudflare::inline v0::email_security
