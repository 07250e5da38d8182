#pragma once

#include "exit_status.hpp"
#include "output_options.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace cfes {

/// An argument that is refused before anything is sent.
class usage_error : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

struct quota_option {
    std::uint64_t requests = 0;  ///< 0: there is no quota
    std::chrono::milliseconds window{};
};

/// Where a quota is kept that processes share.
struct quota_store_arguments {
    std::optional<std::string> address;
    std::string file;
    std::optional<std::uint64_t> processes;
};

/// A time, given in seconds.
using seconds_option = std::optional<std::chrono::milliseconds>;

/// The options that every command has.
struct global_options {
    std::string account_id;
    std::optional<std::string> base_url;
    std::string ca_file;
    std::string token_file;
    std::string token_command;
    /// Of the configuration file; empty: none.
    std::string profile;
    std::optional<std::size_t> connections;
    seconds_option timeout;
    std::optional<int> max_retries;
    std::optional<quota_option> quota;
    quota_store_arguments quota_store;
    output_form output = output_form::table;
    row_options rows;
    bool simulate = false;
    bool verbose = false;
    /// What changes something is told and not sent. An option of the verbs that do.
    bool dry_run = false;
    /// What would be asked is answered with yes.
    bool yes = false;
    /// Nothing is told but what failed, and what was asked for: lists, entries, JSON.
    bool quiet = false;
};

/// An option that takes seconds, with a fraction if need be.
CLI::Option* add_seconds(CLI::App& app, std::string const& name, std::string const& help,
                         seconds_option& into);

/// The same, where 0 is a time too.
CLI::Option* add_wait(CLI::App& app, std::string const& name, std::string const& help,
                      seconds_option& into);

void add_global_options(CLI::App& app, global_options& globals);

}  // namespace cfes
