#pragma once

#include <cloudflare/email_security/pattern_type.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::email_security {

/// Adds to `names` whatever a text that could not be taken may name: each piece of it that is a
/// pattern, in canonical form, also after refanging and unescaping. Rather too many than too few.
void add_names_in(std::string_view text, std::optional<pattern_type> type,
                  std::vector<std::string>& names);

}  // namespace cloudflare::email_security
