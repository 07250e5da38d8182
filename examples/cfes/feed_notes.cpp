#include "feed_notes.hpp"

#include "output.hpp"

namespace cfes {

void print_notes(feed_notes const& notes) {
    if (!notes.repeated.empty()) {
        auto const& first = notes.repeated.front();
        complain(std::to_string(notes.repeated.size()) + " entries repeat earlier ones, '" +
                 first.pattern + "' in line " + std::to_string(first.line) + " that of line " +
                 std::to_string(first.first_line) + " the first");
    }
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
