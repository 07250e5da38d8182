#include "feed_notes.hpp"

#include "output.hpp"

namespace cfes {

feed_notes notes_of(es::feed_facts const& facts) {
    feed_notes notes;
    notes.read_as = facts.read_as;
    notes.notes = facts.notes;
    notes.skipped = facts.skipped;
    notes.defanged = facts.defanged;
    notes.held_back = facts.held_back;
    notes.exceptions = facts.exceptions;
    notes.unused = facts.unknown;
    notes.nothing_deleted = facts.incomplete;
    notes.is_cut = facts.is_cut;
    return notes;
}

feed_notes examine_feed(es::any_feed& feed, bool drop_covered) {
    auto notes = notes_of(feed.facts());
    notes.repeated.reserve(feed.facts().repeated.size());
    for (auto const& each : feed.facts().repeated) {
        notes.repeated.push_back({each.line, feed.pattern(each.entry), feed.line(each.entry)});
    }
    auto const covered = es::find_covered(feed);
    notes.covered = es::describe_covered(feed, covered);
    notes.covered_dropped = drop_covered;
    if (drop_covered && !covered.empty()) es::drop_covered(feed, covered);
    notes.entries = static_cast<std::int64_t>(feed.size());
    return notes;
}

std::string show_reading(feed_notes const& notes) {
    auto text = "read as " + std::string{cloudflare::wire_name(notes.read_as)} + ": " +
                std::to_string(notes.entries) + " entries";
    auto const add = [&text](std::size_t count, char const* what) {
        if (count > 0) text += ", " + std::to_string(count) + what;
    };
    add(notes.repeated.size(), " repeated");
    add(notes.held_back.size(), " held back");
    add(notes.exceptions.size(), " exceptions");
    add(static_cast<std::size_t>(notes.defanged), " defanged");
    add(static_cast<std::size_t>(notes.notes), " notes");
    return text + '\n';
}

void print_notes(feed_notes const& notes) {
    std::vector<es::rejection> held;
    for (auto const& each : notes.held_back) held.push_back({each.line, each.pattern, each.reason});
    print_by_reason(held, "held back: ", "entries held back");
    if (!notes.unused.empty()) {
        std::string names;
        for (auto const& each : notes.unused) {
            names += (names.empty() ? "'" : ", '") + each.name + "' (" +
                     std::to_string(each.count) + ")";
            if (names.size() > 160) break;
        }
        complain("not used, as no field has the name: " + names);
    }
    if (notes.is_cut) complain("the feed's last line has no end: it may have been cut");
    if (!notes.nothing_deleted.empty()) {
        complain("nothing is deleted for want of an entry: " + notes.nothing_deleted);
    }
    print_some(
        notes.repeated.size(),
        [&notes](std::size_t i) {
            auto const& each = notes.repeated[i];
            return "line " + std::to_string(each.line) + ": '" + each.pattern + "' is in line " +
                   std::to_string(each.first_line) + " already";
        },
        "repeated entries: --report FILE or --output json lists all");
    print_some(
        notes.covered.size(),
        [&notes](std::size_t i) {
            auto const& each = notes.covered[i];
            return "line " + std::to_string(each.line) + ": '" + each.pattern +
                   "' is covered by '" + each.by_pattern + "' in line " +
                   std::to_string(each.by_line);
        },
        "covered entries: --report FILE or --output json lists all");
    if (notes.covered.empty()) return;
    complain(notes.covered_dropped ? "covered entries are left out"
                                   : "covered entries are kept; --drop-covered leaves them out");
}

}  // namespace cfes
