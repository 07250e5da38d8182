#pragma once

#include "globals.hpp"
#include "progress.hpp"

#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/sync_options.hpp>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace cfes {

/// The arguments of plan and sync.
struct feed_arguments {
    std::string path;
    std::optional<cloudflare::email_security::feed_format> format;
    std::string owner;
    bool prune = false;
    int max_delete_percent = 30;
    bool force = false;
    std::size_t batch_size = 1000;
    std::string report;
    progress_form progress = progress_form::automatic;
    bool detailed_exit_code = false;
};

std::shared_ptr<feed_arguments> add_feed_arguments(CLI::App& verb);

std::shared_ptr<std::optional<cloudflare::email_security::feed_format>> add_format_option(
    CLI::App& verb, std::string const& help);

/// @throws usage_error when they do not go together.
cloudflare::email_security::sync_options sync_options_of(feed_arguments const& given,
                                                         global_options const& globals);

/// The file that the report goes to; null for none.
/// @throws usage_error when it cannot be written.
std::shared_ptr<std::ofstream> open_report(std::string const& path);
/// False, with a complaint, when it cannot be written.
bool write_report(std::ofstream* file, std::string const& document);

}  // namespace cfes
