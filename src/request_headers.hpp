#pragma once

#include <cloudflare/error.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare {

/// Whether the caller's extra headers may be sent: none that the client sets itself, nothing that
/// could end a field or the header.
std::optional<error> check_headers(std::vector<std::pair<std::string, std::string>> const& headers);

}  // namespace cloudflare
