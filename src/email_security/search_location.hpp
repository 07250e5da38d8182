#pragma once

#include <cloudflare/detail/account.hpp>
#include <cloudflare/result.hpp>

#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// The target below the base URL that a `Location` names, if it is a search of this account.
/// Wherever the URL points, the request goes to the client's own server.
///
/// What the path says once it is decoded must be said in plain characters, segment by segment, so
/// that no server, proxy or cache can read another path in it.
result<std::string> search_target(std::string_view location, account const& on);

}  // namespace cloudflare::inline v0::email_security
