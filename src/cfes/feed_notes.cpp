#include "feed_notes.hpp"

#include "output.hpp"

namespace cfes {

feed_notes examine_feed(es::any_feed& feed, bool drop_covered) {
    feed_notes notes;
    notes.repeated.reserve(feed.repeated().size());
    for (auto const& each : feed.repeated()) {
        notes.repeated.push_back({each.line, feed.pattern(each.entry), feed.line(each.entry)});
    }
    auto const covered = es::find_covered(feed);
    notes.covered = es::describe_covered(feed, covered);
    notes.covered_dropped = drop_covered;
    if (drop_covered && !covered.empty()) feed.drop(covered);
    return notes;
}

void print_notes(feed_notes const& notes) {
    print_some(
        notes.repeated.size(),
        [&notes](std::size_t i) {
            auto const& each = notes.repeated[i];
            return "line " + std::to_string(each.line) + ": '" + each.pattern + "' is in line " +
                   std::to_string(each.first_line) + " already";
        },
        "repeated entries: --report FILE or --output json tells all");
    print_some(
        notes.covered.size(),
        [&notes](std::size_t i) {
            auto const& each = notes.covered[i];
            return "line " + std::to_string(each.line) + ": '" + each.pattern +
                   "' is covered by '" + each.by_pattern + "' in line " +
                   std::to_string(each.by_line);
        },
        "covered entries: --report FILE or --output json tells all");
    if (notes.covered.empty()) return;
    complain(notes.covered_dropped ? "covered entries are left out"
                                   : "covered entries are kept; --drop-covered leaves them out");
}

}  // namespace cfes
