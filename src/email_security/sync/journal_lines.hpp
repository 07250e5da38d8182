#pragma once

#include <cloudflare/email_security/journal.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the lines of a journal have.
namespace cloudflare::inline v0::email_security {

inline constexpr std::string_view journal_format = "cloudflare-email-security-journal";
inline constexpr std::int64_t journal_version = 1;
/// Bytes of a line, and of a journal, at most: so much one that a sync wrote does not have.
inline constexpr std::size_t longest_journal_line = std::size_t{4} << 20U;
inline constexpr std::uint64_t longest_journal = std::uint64_t{4} << 30U;
/// Changes at most.
inline constexpr std::size_t most_journal_changes = 8'000'000;

/// Changes, by their numbers.
struct journal_numbers {
    std::vector<std::int64_t> creates;
    std::vector<std::int64_t> updates;
    std::vector<std::int64_t> deletes;

    bool is_empty() const noexcept { return creates.empty() && updates.empty() && deletes.empty(); }
};
BOOST_DESCRIBE_STRUCT(journal_numbers, (), (creates, updates, deletes))

/// Changes that are done. Where the list told that they are, there are no identifiers.
struct journal_results : journal_numbers {
    std::vector<identifier> ids;
};
BOOST_DESCRIBE_STRUCT(journal_results, (journal_numbers), (ids))

struct journal_counts {
    std::int64_t creates = 0;
    std::int64_t updates = 0;
    std::int64_t deletes = 0;
};
BOOST_DESCRIBE_STRUCT(journal_counts, (), (creates, updates, deletes))

struct journal_end {
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t deleted = 0;
    std::int64_t rejected = 0;
    std::int64_t unknown = 0;
    std::int64_t left = 0;
    std::string failure;
};
BOOST_DESCRIBE_STRUCT(journal_end, (),
                      (created, updated, deleted, rejected, unknown, left, failure))

}  // namespace cloudflare::inline v0::email_security
