#pragma once

#include "output.hpp"
#include "row_writer.hpp"

#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfes {

namespace es = cloudflare::email_security;

/// A change of a plan, as a row.
struct plan_row {
    explicit plan_row(std::string what = {}) : change{std::move(what)} {}

    std::string change;                ///< create, update, delete
    std::optional<std::int64_t> line;  ///< of the feed
    cloudflare::identifier id;         ///< of the entry that is there
    std::string pattern;
    std::string details;  ///< what is created, what is changed from what to what
};
BOOST_DESCRIBE_STRUCT(plan_row, (), (change, line, id, pattern, details))

row_type plan_rows();
/// Adds a row for each change.
void add_changes(row_writer& rows, es::sync_type const& of, es::feed_view const& desired,
                 es::sync_changes const& plan);
/// `{"changes":[…]}`, each with what is created, or what was there and what will be.
std::string changes_object(es::sync_type const& of, es::feed_view const& desired,
                           es::sync_changes const& plan);

/// The changes for people: `+` to create, `~` to update, `-` to delete.
std::string show_changes(es::sync_type const& of, es::feed_view const& desired,
                         es::sync_changes const& plan, std::size_t most);

/// `!` lines, and how many there are; then what was not compared, in `?` lines.
std::string show_conflicts(es::conflict_report const& found, std::size_t most);
std::string show_forecast(es::sync_forecast const& forecast);
/// "N to create, M to update, K to delete", or "No changes."
std::string show_summary(es::sync_report const& report);

/// The lines of each kind that are shown unless all are asked for.
inline constexpr std::size_t few_lines = 20;
inline constexpr std::size_t all_lines = std::numeric_limits<std::size_t>::max();

}  // namespace cfes
