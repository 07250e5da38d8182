#include "http/origin.hpp"

#include <cloudflare/detail/sync/engine.hpp>

namespace cloudflare::inline v0::email_security {

std::string base_url_of(client const& which) {
    auto const& given = which.options().base_url();
    auto const parts = http::parse_base_url(given);
    // Only a client with a transport of the user's own can have one that is not one.
    if (!parts) return given;
    return "https://" + parts->authority + parts->prefix;
}

}  // namespace cloudflare::inline v0::email_security
