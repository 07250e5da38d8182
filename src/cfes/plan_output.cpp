#include "plan_output.hpp"

#include "progress_text.hpp"

#include <cloudflare/detail/counted.hpp>

#include <string_view>

namespace cfes {

namespace {

/// Lines that begin with one mark: not more than `most`, then how many there are beyond.
class marked_lines {
public:
    marked_lines(char mark, std::size_t most) : mark_{mark}, most_{most} {}

    /// `text` makes the line, if there is still room for it.
    template <class Text>
    void add(Text text) {
        if (count_++ < most_) lines_ += std::string{mark_, ' '} + to_line(text()) + '\n';
    }
    std::string finish() const {
        if (count_ <= most_) return lines_;
        return lines_ + mark_ + " … and " + std::to_string(count_ - most_) + " more (--all)\n";
    }

private:
    char mark_;
    std::size_t most_;
    std::size_t count_ = 0;
    std::string lines_;
};

}  // namespace

std::string show_changes(es::sync_type const& of, es::feed_view const& desired,
                         es::sync_changes const& plan, std::size_t most) {
    marked_lines creates{'+', most};
    for (auto const number : plan.creates) {
        creates.add([&] { return desired.pattern(number); });
    }
    marked_lines updates{'~', most};
    for (auto const& update : plan.updates) {
        updates.add([&] {
            auto const patch = es::sent_patch(of, plan, update, desired.item(update.entry));
            return desired.pattern(update.entry) + "  " + cloudflare::wire::to_json(patch);
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

std::string show_conflicts(es::conflict_report const& found, std::size_t most) {
    marked_lines lines{'!', most};
    auto const& conflicts = found.conflicts;
    for (auto const& each : conflicts) {
        lines.add([&each] {
            return '\'' + each.blocked + "' is blocked, and an allow policy trusts " +
                   (each.overlap == es::overlap::same ? "it" : '\'' + each.trusted + '\'') +
                   (each.line > 0 ? " (line " + std::to_string(each.line) + ')' : "");
        });
    }
    auto const text =
        lines.finish() + cloudflare::counted(conflicts.size(), "conflict") + " with allow policies";
    if (found.not_compared.empty()) return text + '\n';
    marked_lines left{'?', most};
    for (auto const& each : found.not_compared) {
        left.add([&each] {
            auto const where =
                each.line > 0 ? "line " + std::to_string(each.line) + ": '" : std::string{"'"};
            return where + each.pattern + "' " + each.reason;
        });
    }
    return text + ", as far as regular expressions can be compared:\n" + left.finish();
}

std::string show_forecast(es::sync_forecast const& forecast) {
    using cloudflare::counted;
    auto text = "a sync takes " + counted(forecast.reads, "read") + " and " +
                counted(forecast.writes, "write") + ", about " +
                to_clock(std::chrono::milliseconds{forecast.duration_ms});
    auto const waiting = std::chrono::milliseconds{forecast.waiting_ms};
    if (waiting >= std::chrono::seconds{1}) {
        text += " of which " + to_clock(waiting) + " waiting for the quota";
    }
    if (forecast.quota > 0) {
        text += "; quota left " + std::to_string(forecast.quota_left) + '/' +
                std::to_string(forecast.quota);
    }
    return text + '\n';
}

std::string show_summary(es::sync_report const& report) {
    return std::to_string(report.created) + " to create, " + std::to_string(report.updated) +
           " to update, " + std::to_string(report.deleted) + " to delete\n";
}

}  // namespace cfes
