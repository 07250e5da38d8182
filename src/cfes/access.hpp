#pragma once

#include "globals.hpp"
#include "profiles.hpp"

#include <cloudflare/client_options.hpp>

#include <optional>
#include <string>

namespace cfes {

/// On which account, with which credentials, and where these came from.
struct access {
    std::string account_id;    ///< empty: none
    std::string account_name;  ///< empty: not known
    std::string profile;       ///< empty: none was named
    /// As `the token from CLOUDFLARE_API_TOKEN`.
    std::string credentials_name;

    /// `account 0123… (NAME), profile NAME`.
    std::string place() const;
};

/// Finds out whose access it is, and gives it to the client: an option comes before the profile
/// that was named, that before the environment. Runs the command that prints the token.
/// @throws usage_error when something of it is missing or cannot be used, and says all that is.
access find_access(global_options const& globals, std::optional<profile> const& named,
                   bool needs_account, cloudflare::client_options& into);

}  // namespace cfes
