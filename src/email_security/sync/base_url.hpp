#pragma once

#include <cloudflare/client.hpp>

#include <string>

namespace cloudflare::email_security {

/// The base URL that a client sends to, however its options spell it.
std::string base_url_of(client const& which);

}  // namespace cloudflare::email_security
