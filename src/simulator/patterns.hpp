#pragma once

#include "collection.hpp"

#include <string>
#include <string_view>

namespace cloudflare::inline v0::simulator {

bool is_email(std::string_view text);
bool is_domain(std::string_view text);
/// An address or CIDR block of IPv4 or IPv6 that has no address which the API refuses.
bool is_address_pattern(std::string_view text);
/// Whether `text` is a regular expression that compiles.
bool is_regular_expression(std::string const& text);

/// The type, `EMAIL`, `DOMAIN` or `IP`, that a plain pattern looks like.
std::string_view guess_pattern_type(std::string_view pattern);

/// Checks a text that a flag makes a regular expression. When there is no flag set it must be what
/// `is_plain` says; `kind` names that in the problem.
void check_expression(collection const& c, row const& values, std::string_view name,
                      std::string_view flag, bool (*is_plain)(std::string_view),
                      std::string_view kind, std::string const& at, problems& found);

/// A `collection::check`: that `pattern` fits `pattern_type`, or compiles when `is_regex` is set.
void check_pattern(collection const& c, row const& values, std::string const& at, problems& found);

/// Puts what has no case into lower case. Regular expressions stay as they are.
void normalise(collection const& c, row& values);

}  // namespace cloudflare::inline v0::simulator
