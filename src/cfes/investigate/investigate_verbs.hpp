#pragma once

#include "commands.hpp"
#include "fields.hpp"

#include <string>
#include <vector>

namespace cfes {

// The verbs of `cfes investigate` by topic, each in a file of its own.

/// list
void add_message_search(command_line& line, CLI::App& collection);
/// get, action-log, detections, trace, raw, preview, create-preview
void add_message_details(command_line& line, CLI::App& collection);
/// move, release, reclassify
void add_message_actions(command_line& line, CLI::App& collection);
/// block
void add_message_blocking(command_line& line, CLI::App& collection);
/// bulk-create and so on
void add_bulk_jobs(command_line& line, CLI::App& collection);

/// An option that has no effect any more: it is taken, with a warning, and is not sent.
void add_ended_option(CLI::App& verb, std::string const& name);

/// What the terms of a search mean, in `list` and in a bulk job.
std::vector<field_help> search_helps();

}  // namespace cfes
