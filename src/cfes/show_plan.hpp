#pragma once

#include "commands.hpp"

#include <cloudflare/detail/sync/syncable.hpp>

namespace cfes {

/// `cfes show PLAN`: prints a saved plan.
void add_show(command_line& line);

}  // namespace cfes
