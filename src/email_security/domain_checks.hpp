#pragma once

#include <cloudflare/result.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The limits that the collections of domains share.
namespace cloudflare::inline v0::email_security {

/// The API documents no limit, but an empty name cannot be meant.
result<void> check_domain(std::string_view value);

/// Each text must be UTF-8 and not empty.
result<void> check_texts(std::string_view field, std::vector<std::string> const& values);

}  // namespace cloudflare::inline v0::email_security
