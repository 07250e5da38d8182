#pragma once

#include <cloudflare/email_security/pattern_type.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Adds to `names` whatever a text that could not be taken may name, in canonical form: each piece
/// of it between characters that are in no name is tried, as it stands and in all ways in which it
/// may be meant. Those are: characters that stand for ASCII or cannot be seen, written by number,
/// dots and at signs with anything around them; masks, prefixes, ranges (`add_addresses_in`); names
/// that a longer one begins with. Rather too many than too few. Its time is linear in the text.
void add_names_in(std::string_view text, std::optional<pattern_type> type,
                  std::vector<std::string>& names);

}  // namespace cloudflare::inline v0::email_security
