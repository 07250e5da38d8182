#pragma once

#include "commands.hpp"

namespace cfes {

/// `cfes help COLLECTION VERB`, `cfes version`.
void add_help_verbs(command_line& line);

}  // namespace cfes
