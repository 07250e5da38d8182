#pragma once

#include <string_view>

/// What the Public Suffix List says of names, in canonical form.
namespace cloudflare::inline v0::email_security {

/// Whether a name ends in a top-level domain, or in a name for special use as `.example`, `.test`.
bool has_top_level_domain(std::string_view name);

/// Whether anybody may register names below it: `co.uk`, `github.io`.
bool is_public_suffix(std::string_view name);

}  // namespace cloudflare::inline v0::email_security
