#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cfes {

/// Lays out the help: what it is, how it is used, then aligned groups of one line each.
class help_formatter final : public CLI::Formatter {
public:
    std::string make_help(CLI::App const* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

/// The help of a verb, of a collection, or of the command itself, as `--help` prints it.
std::string help_of(CLI::App const& app);

}  // namespace cfes
