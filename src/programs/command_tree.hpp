#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a program's options and commands are, read from where they are defined, for everything that
/// describes them elsewhere than in its help.
namespace programs {

/// Says which values an option takes, so that a shell can offer them. Checks nothing.
CLI::Option* offer(CLI::Option* option, std::vector<std::string> const& choices);

/// A word as one of some names is spelt that it is but for upper and lower case; as it is when it
/// is none of them.
std::string as_spelt(std::span<std::string_view const> names, std::string_view word);

enum class value_kind {
    none,      ///< a flag
    any,       ///< a text that nobody else knows
    choice,    ///< one of some words
    list,      ///< some of them, separated by commas
    optional,  ///< one of some words, or nothing
    file,
    directory,
};

struct option_info {
    std::vector<std::string> names;  ///< with their dashes, the short one first
    std::string value;               ///< what stands for it in the help; empty for a flag
    std::string help;
    std::string group;
    std::string environment;  ///< the variable that it is taken from; mostly empty
    value_kind kind = value_kind::none;
    std::vector<std::string> choices;
};

struct argument_info {
    std::string name;
    std::string help;
    bool is_repeated = false;
    value_kind kind = value_kind::any;
    std::vector<std::string> choices;
};

struct command_info {
    std::string name;
    std::string path;  ///< the names from below the program down to this, separated by a space
    std::string help;
    std::string group;
    std::vector<option_info> options;  ///< its own; those of what it is in may be given too
    std::vector<argument_info> arguments;
    std::vector<command_info> commands;
};

/// The program as a command, whose path is empty. What is hidden from the help is not in it.
command_info read_commands(CLI::App& program);

}  // namespace programs
