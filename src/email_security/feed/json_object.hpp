#pragma once

#include <cloudflare/result.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Objects of JSON feeds, as all its forms read them.
namespace cloudflare::inline v0::email_security {

/// An object as it stands in a feed.
///
/// Errors: `errc::invalid_argument` when it is something else, or has a member twice, of which
/// nobody can tell which one is meant.
result<boost::json::object> parse_object(std::string_view text);

/// The name that an object has for two of its members; empty when there is none.
std::string repeated_member(std::string_view object);

/// A member that is a text; empty when there is none.
std::string_view text_in(boost::json::object const& object, std::string_view name);

/// A member that is true or false, also written as 0 or 1 or as a text; false when there is none or
/// null, and empty when it is anything else.
std::optional<bool> flag_in(boost::json::object const& object, std::string_view name);

}  // namespace cloudflare::inline v0::email_security
