#pragma once

#include <cloudflare/detail/sync/any_feed.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cfes {

namespace es = cloudflare::email_security;

/// An entry that came before.
struct repeated_line {
    std::int64_t line = 0;
    std::string pattern;
    std::int64_t first_line = 0;
};
BOOST_DESCRIBE_STRUCT(repeated_line, (), (line, pattern, first_line))

/// What is to be said of a feed beside its rejected lines.
struct feed_notes {
    es::feed_format read_as = es::feed_format::text;
    std::int64_t entries = 0;
    std::int64_t notes = 0;                    ///< comments, headers, metadata
    std::vector<es::skipped_records> skipped;  ///< of the notes, those that are records
    std::int64_t defanged = 0;                 ///< patterns as `evil[.]example`
    std::vector<es::held_entry> held_back;
    std::vector<es::feed_exception> exceptions;
    std::vector<es::unknown_member> unused;  ///< columns or members that no field has
    std::string nothing_deleted;             ///< why a prune deletes nothing; empty if it does
    bool is_cut = false;                     ///< the last line has no end
    std::vector<repeated_line> repeated;
    std::vector<es::covered_pattern> covered;
    bool covered_dropped = false;
};
BOOST_DESCRIBE_STRUCT(feed_notes, (),
                      (read_as, entries, notes, skipped, defanged, held_back, exceptions, unused,
                       nothing_deleted, is_cut, repeated, covered, covered_dropped))

/// What its facts tell.
feed_notes notes_of(es::feed_facts const& facts);

/// Looks for repeated and covered entries, and drops the latter when asked to.
feed_notes examine_feed(es::any_feed& feed, bool drop_covered);

/// "read as hosts: 2 entries, 1 note"
std::string show_reading(feed_notes const& notes);
/// Lines on stderr, if there is anything to tell.
void print_notes(feed_notes const& notes);

}  // namespace cfes
