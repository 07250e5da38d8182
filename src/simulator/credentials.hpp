#pragma once

#include "envelope.hpp"
#include "request.hpp"

#include <optional>
#include <string>

namespace cloudflare::inline v0::simulator {

/// Checks who asks. With a token, only that one is accepted.
/// @returns the refusal, or nothing when the request may go on.
std::optional<reply> check_credentials(request const& asked,
                                       std::optional<std::string> const& token);

/// What tells one credential from another, to count its requests by; the same for all requests that
/// have none.
std::string credential_key(request const& asked);

}  // namespace cloudflare::inline v0::simulator
