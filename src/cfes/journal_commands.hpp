#pragma once

#include "commands.hpp"

#include <cloudflare/detail/sync/syncable.hpp>

#include <CLI/CLI.hpp>

/// The verbs for what syncs have changed.
namespace cfes {

void add_undo(command_line& line, CLI::App& collection,
              cloudflare::email_security::sync_type const& type);
void add_history(command_line& line, CLI::App& collection,
                 cloudflare::email_security::sync_type const& type);

}  // namespace cfes
