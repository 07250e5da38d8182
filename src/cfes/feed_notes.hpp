#pragma once

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

/// What is to be told of a feed beside its rejected lines.
struct feed_notes {
    std::vector<repeated_line> repeated;
    std::vector<es::covered_pattern> covered;
    bool covered_dropped = false;
};
BOOST_DESCRIBE_STRUCT(feed_notes, (), (repeated, covered, covered_dropped))

/// Looks for repeated and covered entries, and drops the latter when asked to.
template <class Traits>
feed_notes examine_feed(es::feed<Traits>& feed, bool drop_covered) {
    feed_notes notes;
    notes.repeated.reserve(feed.repeated.size());
    for (auto const& each : feed.repeated) {
        auto const& first = feed.entries[each.entry];
        notes.repeated.push_back({each.line, es::pattern_of(first.item), first.line});
    }
    auto const covered = es::find_covered(feed);
    notes.covered = es::describe_covered(feed, covered);
    notes.covered_dropped = drop_covered;
    if (drop_covered && !covered.empty()) es::drop_covered(feed, covered);
    return notes;
}

/// Lines on stderr, if there is anything to tell.
void print_notes(feed_notes const& notes);

}  // namespace cfes
