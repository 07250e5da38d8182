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

/// What is to be told of a feed beside its rejected lines.
struct feed_notes {
    std::vector<repeated_line> repeated;
    std::vector<es::covered_pattern> covered;
    bool covered_dropped = false;
};
BOOST_DESCRIBE_STRUCT(feed_notes, (), (repeated, covered, covered_dropped))

/// Looks for repeated and covered entries, and drops the latter when asked to.
feed_notes examine_feed(es::any_feed& feed, bool drop_covered);

/// Lines on stderr, if there is anything to tell.
void print_notes(feed_notes const& notes);

}  // namespace cfes
