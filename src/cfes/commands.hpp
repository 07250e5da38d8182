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
    /// Whether it is about an account, which must then be given.
    bool needs_account = true;
    /// The JSON document of a command that was refused; null for commands that have none.
    std::function<std::string(usage_error const& why)> describe_refusal;
};

/// Where the help lists a collection.
enum class area { settings, mail, access };

/// A collection's own subcommand, to which its verbs are added.
CLI::App& add_collection(command_line& line, area where, std::string const& name,
                         std::string const& what);

/// Puts the verbs that have been added since the last call under a heading of the help.
void group_verbs(CLI::App& collection, std::string const& heading);

/// The verb that was given, or what stands for it: a collection, or the command itself.
CLI::App const& chosen_verb(CLI::App const& app);

/// How a command ended.
struct run_end {
    int status = failed;
    /// The signal that it was asked to end by; 0: none. The process is to die by it, so that a
    /// shell does not go on with what comes next.
    int signal = 0;
};

/// Runs a command to its end, or until SIGINT, SIGTERM or SIGHUP cancels it.
run_end run(command_line& line);

/// Adds all collections; each has its own file in collections/.
void add_collections(command_line& line);

}  // namespace cfes
