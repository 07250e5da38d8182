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

/// The file that the report goes to. What stood in it stays until the report is complete.
class report_file {
public:
    /// @throws usage_error when it cannot be written, or is the feed.
    report_file(std::string const& path, std::string const& feed);
    ~report_file();
    report_file(report_file const&) = delete;
    report_file& operator=(report_file const&) = delete;

    /// False, with a complaint, when it cannot be written.
    bool write(std::string const& document);

private:
    std::string path_;
    std::string written_;  ///< beside it, until it takes its place; the same for a device
    std::ofstream file_;
};

/// Null when no report is wanted.
/// @throws usage_error as `report_file`.
std::shared_ptr<report_file> open_report(feed_arguments const& given);
/// False, with a complaint, when it cannot be written; true when none is wanted.
bool write_report(report_file* file, std::string const& document);

}  // namespace cfes
