#pragma once

#include "exit_status.hpp"
#include "globals.hpp"
#include "journal_options.hpp"
#include "output_file.hpp"
#include "progress.hpp"

#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/protection.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cfes {

/// The arguments of plan and sync.
struct feed_arguments {
    std::string path;
    std::optional<cloudflare::email_security::feed_format> format;
    std::string owner;
    bool prune = false;
    std::optional<int> keep_days;
    // How the feed is read.
    std::vector<std::pair<std::string, std::string>> columns;
    bool from_urls = false;
    bool wildcards = false;
    bool comments_from_feed = false;
    std::string expected_sha256;
    // What must not be blocked.
    std::vector<std::string> protect;
    std::string mail_providers;
    bool no_protection = false;
    bool allow_wide = false;
    // Guards.
    int max_rejected_percent = 10;
    bool allow_empty = false;
    bool allow_cut = false;
    int max_delete_percent = 30;
    std::optional<std::int64_t> max_delete;
    std::optional<std::int64_t> max_create;
    std::int64_t min_entries = 0;
    bool drop_covered = false;
    bool keep_duplicates = false;
    std::size_t batch_size = 1000;
    std::string report;
    progress_form progress = progress_form::automatic;
    exit_choice ending;
    // Of plan only.
    bool check_conflicts = false;
    bool show_all = false;
    std::string out;
    // Of sync only.
    std::string plan;
    bool resume = false;
    journal_arguments journal;
};

/// What a collection can be asked.
struct feed_abilities {
    bool has_text = true;  ///< whether a line of text may be an entry
    bool has_owners = false;
    bool has_cover = false;  ///< whether a pattern may cover another one
    bool has_conflicts = false;
    bool has_breadth = false;     ///< whether a pattern may be too wide
    bool has_protection = false;  ///< whether it blocks anybody
};

std::shared_ptr<feed_arguments> add_feed_arguments(CLI::App& verb, feed_abilities of);

/// The option that says where progress is shown; `into` must stay where it is.
void add_progress_option(CLI::App& verb, progress_form& into);

/// The option of a form that can be written.
std::shared_ptr<std::optional<cloudflare::email_security::feed_format>> add_format_option(
    CLI::App& verb, std::string const& help, bool has_text);

/// @throws usage_error, naming the option, when they cannot be used.
void require_valid(cloudflare::email_security::sync_options const& options);

/// @throws usage_error when they do not go together.
cloudflare::email_security::sync_options sync_options_of(feed_arguments const& given,
                                                         global_options const& globals);

/// What of it is about the reading of a feed. `fields` are those of the collection's new item.
/// @throws usage_error when a column is for none of them.
cloudflare::email_security::feed_reading reading_of(
    feed_arguments const& given, std::span<cloudflare::wire::field const> fields);

/// What must not be blocked, as far as the arguments say.
/// @throws usage_error when a file of it cannot be read.
cloudflare::email_security::protection protection_of(feed_arguments const& given);

/// Checks that there is either a feed or a saved plan, with which no option goes that has a say in
/// what is planned.
/// @throws usage_error
void check_source(CLI::App const& verb, feed_arguments const& given);

/// Where the results of a plan or sync go, beside stdout; null what is not wanted.
struct output_files {
    std::shared_ptr<output_file> report;
    std::shared_ptr<output_file> plan;
};

/// @throws usage_error as `output_file`, or when both are one file.
output_files open_outputs(feed_arguments const& given);
/// False, with a complaint, when it cannot be written; true when none is wanted.
bool write_report(output_files const& files, std::string const& document);

}  // namespace cfes
