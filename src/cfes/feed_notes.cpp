#include "feed_notes.hpp"

#include "output.hpp"

#include <cloudflare/detail/counted.hpp>

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
                cloudflare::counted(notes.entries, "entry", "entries");
    auto const add = [&text](std::size_t count, char const* what) {
        if (count > 0) text += ", " + std::to_string(count) + what;
    };
    add(notes.repeated.size(), " repeated");
    add(notes.held_back.size(), " held back");
    add(notes.exceptions.size(), notes.exceptions.size() == 1 ? " exception" : " exceptions");
    add(static_cast<std::size_t>(notes.defanged), " defanged");
    add(static_cast<std::size_t>(notes.notes), notes.notes == 1 ? " note" : " notes");
    return text + '\n';
}

void print_notes(feed_notes const& notes) {
    std::vector<es::rejection> held;
    for (auto const& each : notes.held_back) held.push_back({each.line, each.pattern, each.reason});
    print_by_reason(held, "held back: ", "entries held back");
    if (!notes.unused.empty()) {
        constexpr std::size_t most = 160;
        std::string names;
        std::size_t told = 0;
        for (auto const& each : notes.unused) {
            if (names.size() > most) break;
            names += (names.empty() ? "'" : ", '") + each.name + "' (" +
                     std::to_string(each.count) + ")";
            ++told;
        }
        auto const left = notes.unused.size() - told;
        if (left > 0) names += " and " + std::to_string(left) + " more";
        complain("not used, as no field is taken from it: " + names);
    }
    if (notes.is_cut) complain("the feed's last line has no end: it may have been cut");
    if (!notes.nothing_deleted.empty()) {
        complain("nothing is deleted, as " + notes.nothing_deleted);
    }
    std::vector<es::rejection> repeated;
    for (auto const& each : notes.repeated) {
        repeated.push_back({each.line, each.pattern,
                            "is in line " + std::to_string(each.first_line) + " already"});
    }
    print_by_reason(repeated, "", "repeated entries");
    std::vector<es::rejection> covered;
    for (auto const& each : notes.covered) {
        covered.push_back(
            {each.line, each.pattern,
             "is covered by '" + each.by_pattern + "' in line " + std::to_string(each.by_line)});
    }
    print_by_reason(covered, "", "covered entries");
    if (notes.covered.empty()) return;
    complain(notes.covered_dropped ? "covered entries are left out"
                                   : "covered entries are kept; --drop-covered leaves them out");
}

}  // namespace cfes
