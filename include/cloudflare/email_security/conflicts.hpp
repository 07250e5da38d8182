#pragma once

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Senders that are blocked although an allow policy trusts them.
namespace cloudflare::email_security {

/// How a blocked pattern and a trusted one meet; what is wider than what: see `pattern_cover.hpp`.
enum class overlap { same, trusted_is_wider, blocked_is_wider };
constexpr auto wire_names(overlap) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{overlap::same, "same"sv},
                      std::pair{overlap::trusted_is_wider, "trusted_is_wider"sv},
                      std::pair{overlap::blocked_is_wider, "blocked_is_wider"sv}};
}

struct conflict {
    std::int64_t line = 0;  ///< of the feed's side of it
    std::string blocked;
    std::string trusted;
    email_security::overlap overlap = email_security::overlap::same;
};
BOOST_DESCRIBE_STRUCT(conflict, (), (line, blocked, trusted, overlap))

/// The conflicts of a feed with what is there. Policies count that are for trusted senders, whose
/// messages no detection sees: acceptable senders' messages may still be malicious, and that is
/// what a block makes them. Each blocked pattern is told once, with the same trusted pattern or
/// else the narrowest wider one; each trusted one once more, with the narrowest wider blocked one.
/// By line; n log n in time.
std::vector<conflict> find_conflicts(feed<block_senders_traits> const& blocked,
                                     std::vector<allow_policy> const& there);
std::vector<conflict> find_conflicts(feed<allow_policies_traits> const& allowed,
                                     std::vector<block_sender> const& there);

}  // namespace cloudflare::email_security
