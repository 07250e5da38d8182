#pragma once

#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/error.hpp>

#include <cstddef>
#include <optional>

/// What keeps a sync from doing what hardly anybody can have meant; `check_feed` is the public part.
namespace cloudflare::inline v0::email_security {

/// How much a plan changes.
struct planned_amounts {
    std::size_t removals = 0;  ///< without surplus duplicates
    std::size_t owned = 0;     ///< entries of the owner that are there
    std::size_t creates = 0;
};

/// Why a plan must not be carried out; the reason names the option that lifts the guard.
std::optional<error> check_amounts(planned_amounts const& planned, sync_options const& options);

}  // namespace cloudflare::inline v0::email_security
