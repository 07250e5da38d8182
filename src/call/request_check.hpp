#pragma once

#include <cloudflare/error.hpp>
#include <cloudflare/transport.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

/// Whether the caller's extra headers may be sent: none that the client sets itself, nothing that
/// could end a field or the header.
std::optional<error> check_headers(std::vector<std::pair<std::string, std::string>> const& headers);

/// Whether a request may be sent: its target is a percent-encoded path, its headers are as above.
std::optional<error> check_request(request const& message);

}  // namespace cloudflare::inline v0
