#include "credentials.hpp"

#include "patterns.hpp"
#include "text.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <string_view>

namespace cloudflare::inline v0::simulator {

std::optional<reply> check_credentials(request const& asked,
                                       std::optional<std::string> const& token) {
    if (!asked.authorization.empty()) {
        constexpr std::string_view scheme = "Bearer ";
        std::string_view const field = asked.authorization;
        bool const bearer = boost::algorithm::istarts_with(field, scheme);
        std::string_view const given = bearer ? field.substr(scheme.size()) : std::string_view{};
        if (!consists_of_alphanumerics(given, "-._~+/=")) {
            return failure(400, 6003, "Invalid request headers: malformed Authorization");
        }
        if (token && given != *token) return failure(403, 9109, "Invalid access token");
        return std::nullopt;
    }
    if (asked.auth_email.empty() || asked.auth_key.empty()) {
        return failure(400, 9106,
                       "Missing credentials: Authorization, or X-Auth-Email and X-Auth-Key");
    }
    if (!is_email(asked.auth_email) || !consists_of_alphanumerics(asked.auth_key, "-_")) {
        return failure(400, 6003, "Invalid request headers: malformed X-Auth-Email or X-Auth-Key");
    }
    if (token) return failure(403, 9103, "Unknown X-Auth-Key or X-Auth-Email");
    return std::nullopt;
}

std::string credential_key(request const& asked) {
    if (!asked.authorization.empty()) return asked.authorization;
    return asked.auth_email + '\n' + asked.auth_key;
}

}  // namespace cloudflare::inline v0::simulator
