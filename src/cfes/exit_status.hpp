#pragma once

#include <cloudflare/error.hpp>

#include <cstddef>

namespace cfes {

/// Exit statuses, as the help says. What a signal has ended dies by it, which a shell tells as 128
/// and its number.
enum exit_status : int {
    done = 0,
    failed = 1,
    has_changes = 2,
    done_in_part = 3,
    not_allowed = 4,
    not_found = 5,
    usage = 64,
    try_later = 75
};

/// What doing the same thing again would do.
enum class repeated { harmless, may_double };

/// The exit status for an error. A write that may have been done, and would then be done twice, is
/// not to be tried later by a script: that has failed.
exit_status status_of(cloudflare::error const& why, repeated again = repeated::harmless);

/// The same of a sync, which may always be run again. What it refused after it had read the list
/// was not refused before anything was sent: that has failed.
exit_status status_of_sync(cloudflare::error const& why);

/// How a plan or a sync that did not fail ends.
struct exit_choice {
    bool tells_changes = false;        ///< whether changes have a status of their own
    std::size_t allowed_rejected = 0;  ///< so many rejected lines are not worth a status
};
exit_status status_of_work(exit_choice const& choice, bool changes_something,
                           std::size_t rejected) noexcept;

}  // namespace cfes
