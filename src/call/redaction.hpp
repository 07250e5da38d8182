#pragma once

#include <cloudflare/credentials.hpp>
#include <cloudflare/error.hpp>

#include <string>
#include <vector>

/// Some servers repeat the token, or the whole header, in their error; what the library hands on of
/// an answer must not.
namespace cloudflare::inline v0 {

/// Overwrites the secret with asterisks wherever it stands in a text; whether it did. A secret of
/// less than eight characters is none: it would stand in ordinary words.
bool hide(credentials const& secret, std::string& in) noexcept;

/// The error, or the messages, without the secret in any text, and long ones of the server's cut.
error without(credentials const& secret, error const& failure);
std::vector<api_message> without(credentials const& secret, std::vector<api_message> messages);

}  // namespace cloudflare::inline v0
