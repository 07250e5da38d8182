#pragma once

#include "envelope.hpp"
#include "request.hpp"

#include <string>
#include <vector>

namespace cloudflare::inline v0::simulator {

// What the API says to a user about itself, outside of all accounts.

/// `GET /user/tokens/verify`: the token is active, as it got here.
reply verify_token(request const& asked);
/// `GET /accounts`, in one page.
reply list_accounts(std::vector<std::string> const& ids);

}  // namespace cloudflare::inline v0::simulator
