#include "email_security/feed/expression_breadth.hpp"

#include <array>

namespace cloudflare::inline v0::email_security {

namespace {

/// Those that most mail is from.
constexpr std::array<std::string_view, 16> endings{"com",   "net",   "org", "info", "biz",    "de",
                                                   "fr",    "co.uk", "ru",  "cn",   "com.br", "in",
                                                   "co.jp", "pl",    "top", "xyz"};

struct senders {
    std::string one;
    std::string other;
};

/// Two that only an expression for everything of a kind has in common.
senders at(std::string_view ending, bool with_local) {
    std::string const name{ending};
    return {(with_local ? "anyone@" : "") + std::string{"kq7-vz."} + name,
            (with_local ? "First.Last+tag_9@" : "") + std::string{"mail.unrelated.net4u."} + name};
}

bool matches_both(sender_expression const& expression, senders const& both) {
    return expression.matches(both.one) && expression.matches(both.other);
}

std::string in_words(senders const& both) {
    return '\'' + both.one + "' and '" + both.other + '\'';
}

}  // namespace

bool may_match(sender_expression const& expression, pattern_type type, pattern_key const& key) {
    if (key.is_regex) return false;
    if (type == pattern_type::email && key.type == pattern_type::domain) {
        return expression.matches("anyone@" + std::string{key.pattern});
    }
    if (type == pattern_type::domain && key.type == pattern_type::email) {
        return expression.matches(key.pattern.substr(key.pattern.rfind('@') + 1));
    }
    if (type != key.type) return false;
    if (type != pattern_type::ip) return expression.matches(key.pattern);
    return expression.matches(key.pattern.substr(0, key.pattern.find('/')));
}

std::string unrelated_senders(sender_expression const& expression, pattern_type type) {
    if (type == pattern_type::ip) {
        constexpr int networks = 224;
        for (int first = 1; first != networks; ++first) {
            auto const network = std::to_string(first);
            senders const both{network + ".201.103.57", network + ".38.9.214"};
            if (matches_both(expression, both)) return in_words(both);
        }
        senders const v6{"2001:db8:52::7", "2a0c:9a40:1::c5"};
        return matches_both(expression, v6) ? in_words(v6) : std::string{};
    }
    for (auto const each : endings) {
        auto const both = at(each, type != pattern_type::domain);
        if (matches_both(expression, both)) return in_words(both);
    }
    return {};
}

}  // namespace cloudflare::inline v0::email_security
