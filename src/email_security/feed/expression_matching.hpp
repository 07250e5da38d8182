#pragma once

#include "email_security/feed/sender_expression.hpp"

#include <cloudflare/email_security/conflicts.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// The regular expressions among the patterns of one side, tried on those of the other.
class expression_matching {
public:
    using clock = std::chrono::steady_clock;

    /// Both must outlive it. From the first pattern on it has this time: an outsider's feed may
    /// have any number of expressions and of patterns.
    expression_matching(sender_patterns const& expressions, sender_patterns const& others,
                        clock::duration time = std::chrono::seconds{15});

    struct match {
        std::uint32_t number = 0;  ///< of the expression
        bool is_whole = false;     ///< it matches all that the pattern does
    };
    /// The first expression that matches a pattern that is not one.
    std::optional<match> find(pattern_key const& key);

    /// What was left untold, expression by expression.
    void add_uncompared(std::vector<uncompared_expression>& into) const;

private:
    struct usable {
        std::uint32_t number = 0;
        pattern_type type = pattern_type::unknown;
        sender_expression expression;
    };
    /// What there is on the other side.
    struct contents {
        bool has_expressions = false;
        bool has_domains = false;
        bool has_blocks = false;
    };

    bool is_out_of_time();
    void leave(std::uint32_t number, std::string reason);
    void leave_what_cannot_be_told(std::uint32_t number, pattern_type type, contents const& there);

    sender_patterns const& patterns_;
    std::vector<usable> usable_;
    std::vector<uncompared_expression> left_;
    clock::duration time_;
    std::optional<clock::time_point> end_;
    std::size_t tried_ = 0;
    bool is_over_ = false;
    std::string probe_;
};

}  // namespace cloudflare::inline v0::email_security
