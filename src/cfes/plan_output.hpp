#pragma once

#include "output.hpp"

#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

namespace es = cloudflare::email_security;

/// The changes for people: `+` to create, `~` to update, `-` to delete.
std::string show_changes(es::sync_type const& of, es::feed_view const& desired,
                         es::sync_changes const& plan, std::size_t most);

/// `!` lines, and how many there are; then what was not compared, in `?` lines.
std::string show_conflicts(es::conflict_report const& found, std::size_t most);
std::string show_forecast(es::sync_forecast const& forecast);
/// "N to create, M to update, K to delete".
std::string show_summary(es::sync_report const& report);

/// The lines of each kind that are shown unless all are asked for.
inline constexpr std::size_t few_lines = 20;
inline constexpr std::size_t all_lines = std::numeric_limits<std::size_t>::max();

}  // namespace cfes
