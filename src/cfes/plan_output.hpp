#pragma once

#include "output.hpp"

#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

namespace es = cloudflare::email_security;

/// Lines that begin with one mark: not more than `most`, then how many there are beyond.
class marked_lines {
public:
    marked_lines(char mark, std::size_t most) : mark_{mark}, most_{most} {}

    /// `text` makes the line, if there is still room for it.
    template <class Text>
    void add(Text text) {
        if (count_++ < most_)
            lines_ += std::string{mark_, ' '} + cloudflare::one_line(text()) + '\n';
    }
    std::string finish() const;

private:
    char mark_;
    std::size_t most_;
    std::size_t count_ = 0;
    std::string lines_;
};

/// The changes for people: `+` to create, `~` to update, `-` to delete.
template <class Traits>
std::string show_changes(es::sync_plan<Traits> const& plan, std::size_t most) {
    marked_lines creates{'+', most};
    for (auto const number : plan.creates) {
        creates.add([&] { return es::pattern_of(plan.desired.entries[number].item); });
    }
    marked_lines updates{'~', most};
    for (auto const& update : plan.updates) {
        auto const& item = plan.desired.entries[update.entry].item;
        updates.add([&] {
            return es::pattern_of(item) + "  " +
                   cloudflare::wire::to_json(es::make_patch<Traits>(update, item));
        });
    }
    marked_lines removals{'-', most};
    for (auto const& removal : plan.removals) {
        removals.add([&] {
            return removal.pattern + (removal.kept.empty() ? "" : "  (it is there twice)");
        });
    }
    return creates.finish() + updates.finish() + removals.finish();
}

/// `!` lines, and how many there are.
std::string show_conflicts(std::vector<es::conflict> const& conflicts, std::size_t most);
std::string show_forecast(es::sync_forecast const& forecast);
/// "N to create, M to update, K to delete".
std::string show_summary(es::sync_report const& report);

/// The lines of each kind that are shown unless all are asked for.
inline constexpr std::size_t few_lines = 20;
inline constexpr std::size_t all_lines = std::numeric_limits<std::size_t>::max();

}  // namespace cfes
