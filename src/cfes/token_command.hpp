#pragma once

#include <cstddef>
#include <string>

namespace cfes {

/// What a command of the shell prints, without blanks around it. Its complaints go to stderr, and
/// it may ask on the terminal. `name` is where it was given, for what goes wrong: neither the
/// command nor what it prints is repeated, as both may hold secrets.
/// @throws usage_error when it fails, prints nothing, or more than `longest` bytes.
std::string run_token_command(std::string const& name, std::string const& command,
                              std::size_t longest);

}  // namespace cfes
