#pragma once

#include "globals.hpp"

#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/quota_store.hpp>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace cfes {

/// What is said on the command line of locks and journals.
struct journal_arguments {
    std::string directory;
    bool none = false;
    seconds_option wait;
};

/// Adds the options of a verb that changes a list. The arguments must stay where they are.
void add_journal_arguments(CLI::App& verb, journal_arguments& into);

/// Where a run has its lock and its journal.
struct kept_state {
    std::optional<std::filesystem::path> locks;                         ///< none: without a lock
    std::chrono::milliseconds wait{};                                   ///< for the lock
    std::shared_ptr<cloudflare::email_security::journal_file> journal;  ///< null: without
    /// Where the hosts that share a quota also agree on who syncs a list; none: they do not.
    std::optional<cloudflare::quota_store_options> leases;
};

/// Makes the directories. What a simulator inside the process changes is gone with it: then there
/// is no lock, and a journal only where a directory was named.
/// @throws usage_error when there is no place for them; without a journal, a lock is done without.
kept_state prepare_state(journal_arguments const& given, global_options const& globals);

}  // namespace cfes
