#pragma once

#include "globals.hpp"
#include "row_writer.hpp"
#include "session.hpp"

#include <boost/asio/awaitable.hpp>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace cfes {

/// What the command line asks for. Runs with a session; its result is the exit status.
using command = std::function<boost::asio::awaitable<int>(session&)>;

/// Before a command is run: checks its arguments, offline.
/// @throws usage_error
using preparation = std::function<command()>;

/// The command line: its options, and what it asks for.
struct command_line {
    CLI::App app{"Cloudflare Email Security from the command line.", "cfes"};
    global_options globals;
    preparation prepare;
    /// What is run instead, of a command that needs no client; its result is the exit status.
    std::function<int()> run_offline;
    /// Of the verbs that show lists, or an object of one: what its rows are.
    std::map<CLI::App const*, row_type> rows;
    /// The JSON document of a command that was refused; null for commands that have none.
    std::function<std::string(usage_error const& why)> describe_refusal;
};

/// Where the help lists a collection.
enum class area { settings, mail };

/// A collection's own subcommand, to which its verbs are added.
CLI::App& add_collection(command_line& line, area where, std::string const& name,
                         std::string const& what);

/// Puts the verbs that have been added since the last call under a heading of the help.
void group_verbs(CLI::App& collection, std::string const& heading);

/// The verb that was given, or what stands for it: a collection, or the command itself.
CLI::App const& chosen_verb(CLI::App const& app);

/// Runs a command to its end, or until SIGINT or SIGTERM cancels it.
int run(command_line& line);

/// The exit status for a failed call: one that was refused before sending is an error in usage.
int complain_about(cloudflare::error const& why);

/// Adds all collections; each has its own file in collections/.
void add_collections(command_line& line);

}  // namespace cfes
