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

/// Of an edit that is about marks alone.
std::string describe_marking(es::feed_view const& desired, es::planned_update const& update) {
    switch (update.purpose) {
        case es::edit_purpose::share:
            return desired.pattern(update.entry) + "  (shared with another owner)";
        case es::edit_purpose::retire:
            return update.pattern + "  (left the feed, stays for some days)";
        case es::edit_purpose::unmark:
            return update.pattern + "  (left the feed, stays without the owner's mark)";
        case es::edit_purpose::update:
            break;
    }
    return desired.pattern(update.entry);
}

}  // namespace

std::string show_changes(es::sync_type const& of, es::feed_view const& desired,
                         es::sync_changes const& plan, std::size_t most) {
    marked_lines creates{'+', most};
    for (auto const number : plan.creates) {
        creates.add([&] { return desired.pattern(number); });
    }
    marked_lines updates{'~', most};
    marked_lines marks{'=', most};
    for (auto const& update : plan.updates) {
        if (update.purpose != es::edit_purpose::update) {
            marks.add([&] { return describe_marking(desired, update); });
            continue;
        }
        updates.add([&] {
            auto const patch = es::sent_patch(of, plan, update, desired);
            return desired.pattern(update.entry) + "  " + cloudflare::wire::to_json(patch);
        });
    }
    marked_lines removals{'-', most};
    for (auto const& removal : plan.removals) {
        removals.add([&] {
            return removal.pattern + (removal.kept.empty() ? "" : "  (it is there twice)");
        });
    }
    return creates.finish() + updates.finish() + marks.finish() + removals.finish();
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
    auto text = std::to_string(report.created) + " to create, " + std::to_string(report.updated) +
                " to update, " + std::to_string(report.deleted) + " to delete";
    auto const add = [&text](std::int64_t count, char const* what) {
        if (count > 0) text += ", " + std::to_string(count) + what;
    };
    add(report.shared, " to share");
    add(report.unmarked, " to unmark");
    add(report.retired, " to retire");
    add(report.waiting, " waiting");
    add(report.expired, " expired");
    add(static_cast<std::int64_t>(report.left_alone.size()), " left alone");
    return text + '\n';
}

}  // namespace cfes
