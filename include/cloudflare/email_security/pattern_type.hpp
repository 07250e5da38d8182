#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/open_enum.hpp>
#include <cloudflare/result.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// What a pattern is compared with.
enum class CLOUDFLARE_EXPORT pattern_type {
    email,    ///< a whole address, `user@example.com`
    domain,   ///< `example.com`
    ip,       ///< an address or CIDR block of IPv4 or IPv6
    unknown,  ///< on old entries only; the API refuses it in a create or an update
};
constexpr auto wire_names(pattern_type) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{pattern_type::email, "EMAIL"sv}, std::pair{pattern_type::domain, "DOMAIN"sv},
        std::pair{pattern_type::ip, "IP"sv}, std::pair{pattern_type::unknown, "UNKNOWN"sv}};
}

/// Limits of the fields that every pattern has, as the API documents them: the pattern 1 to 1024
/// characters, the comments at most 1024, the type not `unknown`.
CLOUDFLARE_EXPORT result<void> check_pattern(std::string_view value);
/// Checks the API's limit of comments: 1024 characters.
CLOUDFLARE_EXPORT result<void> check_comments(std::string_view value);
/// Checks that it is one that can be set: `unknown` is not.
CLOUDFLARE_EXPORT result<void> check_pattern_type(pattern_type value);

}  // namespace cloudflare::inline v0::email_security
