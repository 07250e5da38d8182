#pragma once

#include <cloudflare/detail/export.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The response fields in which a server states its quotas (draft-ietf-httpapi-ratelimit-headers):
/// lists of structured fields (RFC 9651). The client's own limiter obeys them; these parsers are
/// for who keeps a quota by himself.
namespace cloudflare::inline v0 {

/// What is left of a quota, and when it is whole again.
struct ratelimit_item {
    std::string name;                  ///< which quota, e.g. `default`
    std::uint64_t remaining = 0;       ///< `r`: requests left in the window
    std::chrono::nanoseconds reset{};  ///< `t`: until the window ends; servers state whole seconds

    friend bool operator==(ratelimit_item const&, ratelimit_item const&) = default;
};

/// How large a quota is.
struct ratelimit_policy_item {
    std::string name;                   ///< which quota, e.g. `default`
    std::uint64_t quota = 0;            ///< `q`: requests in a window
    std::chrono::nanoseconds window{};  ///< `w`: the window's length

    friend bool operator==(ratelimit_policy_item const&, ratelimit_policy_item const&) = default;
};

/// Reads the value of a `Ratelimit` field. Of several fields, join the values with a comma.
///
/// - `"default";r=50;t=30` gives `default`, 50 requests, 30 s; `burst;r=1;t=1` is taken too.
/// - `"a";r=5;t=1, "b";r=70;t=60` gives both, in this order; other parameters are passed over.
/// - An item without a usable `r` and `t` (missing, negative, not an integer) is left out.
/// - A list that is malformed anywhere gives nothing, as the RFC demands.
/// - A `t` of more than 24 hours is cut to that.
CLOUDFLARE_EXPORT std::vector<ratelimit_item> parse_ratelimit(std::string_view value);

/// Reads the value of a `Ratelimit-Policy` field, by the same rules: `"default";q=1200;w=300` gives
/// `default`, 1200 requests, 300 s. An item whose `q` or `w` is zero is left out, as it could not
/// be obeyed.
CLOUDFLARE_EXPORT std::vector<ratelimit_policy_item> parse_ratelimit_policy(std::string_view value);

}  // namespace cloudflare::inline v0
