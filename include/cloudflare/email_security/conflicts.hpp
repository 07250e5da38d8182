#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Senders that are blocked although an allow policy trusts them.
namespace cloudflare::inline v0::email_security {

/// How a blocked pattern and a trusted one meet; what is wider than what: see `pattern_cover.hpp`.
/// A regular expression that matches a pattern is wider. `partial`: they have senders in common,
/// and it is not known whether one has all of the other's.
enum class overlap { same, trusted_is_wider, blocked_is_wider, partial };
constexpr auto wire_names(overlap) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{overlap::same, "same"sv},
                      std::pair{overlap::trusted_is_wider, "trusted_is_wider"sv},
                      std::pair{overlap::blocked_is_wider, "blocked_is_wider"sv},
                      std::pair{overlap::partial, "partial"sv}};
}

/// A blocked and a trusted pattern that meet.
struct conflict {
    std::int64_t line = 0;  ///< of the feed's side of it
    std::string blocked;    ///< the blocked pattern
    std::string trusted;    ///< the trusted pattern
    email_security::overlap overlap = email_security::overlap::same;  ///< how they meet
};
BOOST_DESCRIBE_STRUCT(conflict, (), (line, blocked, trusted, overlap))

/// A regular expression of which it is not told, or not of all patterns, whether it is in conflict.
struct uncompared_expression {
    std::int64_t line = 0;  ///< of the feed; 0 for one of the list
    std::string pattern;    ///< the regular expression
    std::string reason;     ///< why it was not compared
};
BOOST_DESCRIBE_STRUCT(uncompared_expression, (), (line, pattern, reason))

/// What is in conflict, and what is not known to be.
struct conflict_report {
    std::vector<conflict> conflicts;                  ///< by line
    std::vector<uncompared_expression> not_compared;  ///< expressions of which it is not told
};
BOOST_DESCRIBE_STRUCT(conflict_report, (), (conflicts, not_compared))

/// Patterns in canonical form, with the lines of those that are from a feed.
class CLOUDFLARE_EXPORT sender_patterns final : public key_source {
public:
    /// `key.pattern` does not count.
    void add(std::int64_t line, pattern_key key, std::string canonical);
    std::size_t size() const noexcept { return all_.size(); }
    /// Of one of them; 0 where it is of a list.
    std::int64_t line(std::uint32_t number) const { return all_[number].line; }
    /// One of them, in canonical form.
    std::string const& pattern(std::uint32_t number) const { return all_[number].pattern; }
    /// What one of them is compared by.
    pattern_key key(std::uint32_t number) const override;

private:
    struct one {
        std::int64_t line = 0;
        std::string pattern;
        pattern_type type = pattern_type::unknown;
        bool is_regex = false;
    };
    std::vector<one> all_;
};

/// Keeps of a list (`collection::visit_all`) what can be in conflict: blocked senders, and of the
/// allow policies those for trusted senders, whose messages no detection sees. Acceptable senders'
/// messages may still be malicious, and that is what a block makes them.
template <class Model>
class sender_list final : public list_visitor<Model> {
public:
    /// As of `list_visitor`.
    void restart() override { patterns_ = {}; }
    /// As of `list_visitor`.
    void take(std::size_t, std::vector<Model> entries) override {
        for (auto const& each : entries) {
            if (!each.pattern || !is_sender(each)) continue;
            patterns_.add(0, key_of_existing(each), canonical_pattern(each));
        }
    }
    sender_patterns const& patterns() const noexcept { return patterns_; }

private:
    static bool is_sender(Model const& each) {
        if constexpr (requires { each.is_trusted_sender; }) {
            return each.is_trusted_sender.value_or(false);
        } else {
            return true;
        }
    }

    sender_patterns patterns_;
};

/// The conflicts of a feed with what is there. Each blocked pattern is reported once, with the same
/// trusted pattern, the narrowest wider one, or else the first expression that matches it; each
/// trusted one once more, with the narrowest wider blocked one, or such an expression. By line; n
/// log n in time, and n for each expression.
///
/// An expression is tried on the addresses, names and IP addresses of its type, in any case and
/// anywhere in them, and on the address `anyone@` of each domain. What that cannot tell is in
/// `not_compared`: expressions of a syntax that cannot be tried in bounded time, as such that look
/// around or refer back, those against domains, blocks and each other, and all for which there was
/// no time any more, which ends after half a minute.
CLOUDFLARE_EXPORT conflict_report find_conflicts(feed<block_senders_traits> const& blocked,
                                                 sender_list<allow_policy> const& there);
/// The same, of a feed of allow policies.
CLOUDFLARE_EXPORT conflict_report find_conflicts(feed<allow_policies_traits> const& allowed,
                                                 sender_list<block_sender> const& there);

/// The same of feeds of these collections, for code that is compiled once for all of them.
CLOUDFLARE_EXPORT conflict_report find_conflicts(feed_view const& blocked,
                                                 sender_list<allow_policy> const& there);
/// The same, of a feed of allow policies.
CLOUDFLARE_EXPORT conflict_report find_conflicts(feed_view const& allowed,
                                                 sender_list<block_sender> const& there);

}  // namespace cloudflare::inline v0::email_security
