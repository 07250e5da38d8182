#pragma once

#include <cloudflare/detail/sync/options.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/error.hpp>

#include <cstddef>
#include <optional>

/// What keeps a sync from doing what hardly anybody can have meant. Each guard names the option
/// that lifts it.
namespace cloudflare::email_security {

/// Why a feed must not change anything; `entries` is how many it has.
std::optional<error> check_feed(feed_facts const& of, std::size_t entries,
                                sync_options const& options);

struct planned_changes {
    std::size_t removals = 0;  ///< without surplus duplicates
    std::size_t owned = 0;     ///< entries of the owner that are there
    std::size_t creates = 0;
};

/// Why a plan must not be carried out.
std::optional<error> check_changes(planned_changes const& planned, sync_options const& options);

}  // namespace cloudflare::email_security
