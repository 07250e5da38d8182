#pragma once

#include <filesystem>
#include <string>

namespace cfes {

/// An account, and how it is reached: a table `[profiles.NAME]` of the configuration file. What it
/// does not say is empty.
struct profile {
    std::string id;  ///< NAME
    std::string account;
    std::string name;  ///< of the account, for people
    std::string token_file;
    std::string token_command;
    std::string base_url;
    std::string output;
};

/// `$XDG_CONFIG_HOME/cfes/config.toml`, where that is not set `~/.config/cfes/config.toml`.
/// @throws usage_error when neither directory is known.
std::filesystem::path config_path();

/// Reads a profile. A file that others can change is refused, as its commands are run; and so is
/// one that holds a token, which is no place for it.
/// @throws usage_error
profile read_profile(std::string const& id);

}  // namespace cfes
