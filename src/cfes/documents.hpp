#pragma once

#include "commands.hpp"

namespace cfes {

/// Adds the commands that print what is made from the tree of all commands: `completion`, and
/// `man`, which is for who installs the program. Needs nothing but the command line.
void add_documents(command_line& line);

}  // namespace cfes
