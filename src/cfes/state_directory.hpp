#pragma once

#include <filesystem>

namespace cfes {

/// Where the command keeps what outlives it: `$XDG_STATE_HOME/cfes`, by default
/// `~/.local/state/cfes`. It is made, for its owner only, where it is not there.
/// @throws usage_error when there is no such place, or it is not the user's own.
std::filesystem::path state_directory();

/// A directory that was named on the command line, made where it is not there.
/// @throws usage_error, naming the option, when nothing can be written there.
std::filesystem::path writable_directory(char const* option, std::filesystem::path const& path);

}  // namespace cfes
