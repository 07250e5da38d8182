#include "plan_output.hpp"

#include "progress_text.hpp"

#include <cloudflare/detail/counted.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace cfes {

namespace {

/// Lines that begin with one mark: not more than `most`, then how many there are beyond.
class marked_lines {
public:
    marked_lines(char mark, std::size_t most, tone means = tone::plain)
        : mark_{in_color({&mark, 1}, means)}, most_{most} {}

    /// `text` makes the line, if there is still room for it.
    template <class Text>
    void add(Text text) {
        if (count_++ < most_) lines_ += mark_ + ' ' + for_terminal(to_line(text())) + '\n';
    }
    std::string finish() const {
        if (count_ <= most_) return lines_;
        return lines_ + mark_ + ' ' + std::string{ellipsis()} + " and " +
               std::to_string(count_ - most_) + " more (--all)\n";
    }

private:
    std::string mark_;
    std::size_t most_;
    std::size_t count_ = 0;
    std::string lines_;
};

/// Of an edit that is about marks alone.
struct marking {
    char const* change;
    char const* details;
};
marking marking_of(es::edit_purpose purpose) {
    switch (purpose) {
        case es::edit_purpose::share:
            return {"share", "(shared with another owner)"};
        case es::edit_purpose::retire:
            return {"retire", "(left the feed, stays for some days)"};
        case es::edit_purpose::unmark:
            return {"unmark", "(left the feed, stays without the owner's mark)"};
        case es::edit_purpose::update:
            break;
    }
    return {"update", ""};
}

namespace json = boost::json;
namespace wire = cloudflare::wire;

bool are_comments(std::string_view field) {
    return field == "comments" || field == "notes";
}

/// A value as people write it: texts in quotes, and comments without the marks of syncs.
std::string to_word(std::string_view field, json::value const& value) {
    auto const* const text = value.if_string();
    if (!text || !are_comments(field)) return json::serialize(value);
    return json::serialize(json::value(es::without_owners(*text)));
}

/// An object that the feed and the list know, as JSON; of one that is not known there is nothing.
json::object to_object(std::string const& text) {
    if (text.empty()) return {};
    boost::system::error_code wrong;
    auto parsed = json::parse(text, wrong);
    return !wrong && parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

json::object to_object(wire::codec const& how, void const* object) {
    std::string text;
    wire::append_json(how, object, text);
    return to_object(text);
}

/// The changes of a plan, one after the other.
class changes_of_plan {
public:
    /// The references must outlive it.
    changes_of_plan(es::sync_type const& of, es::feed_view const& desired,
                    es::sync_changes const& plan)
        : of_{of}, desired_{desired}, plan_{plan} {
        cloudflare::detail::any_object const bare{*of.collection->new_item};
        unset_ = to_object(*bare.type().how, bare.get());
    }

    plan_row create(std::uint32_t number) const {
        plan_row row{"create"};
        row.pattern = desired_.pattern(number);
        if (auto const line = desired_.line(number); line > 0) row.line = line;
        row.details = describe_item(created(number));
        return row;
    }
    plan_row update(es::planned_update const& what) const {
        auto const marks = marking_of(what.purpose);
        plan_row row{marks.change};
        row.id = what.id;
        row.pattern = es::pattern_of(what, desired_);
        if (auto const line = es::line_of(what, desired_); line > 0) row.line = line;
        if (what.purpose != es::edit_purpose::update) {
            row.details = marks.details;
            return row;
        }
        auto const before = to_object(what.before);
        for (auto const& each : set_by(what)) {
            if (!row.details.empty()) row.details += ", ";
            row.details += std::string{each.key()} + ": ";
            if (auto const old = value_before(what, before, each.key())) {
                row.details += to_word(each.key(), *old) + ' ';
            }
            row.details += "-> " + to_word(each.key(), each.value());
        }
        return row;
    }
    plan_row removal(es::planned_removal const& what) const {
        plan_row row{"delete"};
        row.id = what.id;
        row.pattern = what.pattern;
        if (!what.kept.empty()) row.details = "(it is there twice)";
        return row;
    }

    json::object to_json(std::uint32_t number) const {
        auto made = begin_json("create", desired_.pattern(number), desired_.line(number), {});
        made["item"] = created(number);
        return made;
    }
    json::object to_json(es::planned_update const& what) const {
        auto made = begin_json(marking_of(what.purpose).change, es::pattern_of(what, desired_),
                               es::line_of(what, desired_), what.id.text());
        auto const whole = to_object(what.before);
        json::object before;
        auto after = set_by(what);
        for (auto const& each : after) {
            if (auto const old = value_before(what, whole, each.key())) before[each.key()] = *old;
        }
        made["before"] = std::move(before);
        made["after"] = std::move(after);
        return made;
    }
    json::object to_json(es::planned_removal const& what) const {
        auto made = begin_json("delete", what.pattern, 0, what.id.text());
        if (!what.before.empty()) made["before"] = to_object(what.before);
        if (!what.kept.empty()) made["kept"] = what.kept.text();
        return made;
    }

private:
    json::object created(std::uint32_t number) const {
        return to_object(*of_.collection->new_item->how, desired_.item(number));
    }
    json::object set_by(es::planned_update const& what) const {
        auto const patch = es::sent_patch(of_, plan_, what, desired_);
        return to_object(*patch.type().how, patch.get());
    }
    /// What a field was; empty when nobody knows. What is absent was nothing.
    static std::optional<json::value> value_before(es::planned_update const& what,
                                                   json::object const& before,
                                                   std::string_view field) {
        if (auto const* const old = before.if_contains(field)) return *old;
        if (!before.empty()) return json::value{nullptr};
        return are_comments(field) ? std::optional<json::value>{json::value_from(what.comments)}
                                   : std::nullopt;
    }
    static json::object begin_json(std::string_view change, std::string const& pattern,
                                   std::int64_t line, std::string const& id) {
        json::object made;
        made["change"] = change;
        if (line > 0) made["line"] = line;
        if (!id.empty()) made["id"] = id;
        made["pattern"] = pattern;
        return made;
    }

    /// `DOMAIN, comments: "INC-1"`: the type, and what is not as in an entry of which nothing is
    /// said.
    std::string describe_item(json::object const& item) const {
        std::string text;
        auto const add = [&text](std::string const& what) {
            text += (text.empty() ? "" : ", ") + what;
        };
        bool is_key = true;
        for (auto const& each : item) {
            // The first field is what the entry is about.
            if (std::exchange(is_key, false)) continue;
            auto const* const unset = unset_.if_contains(each.key());
            if (each.key() == "pattern_type") {
                add(std::string{each.value().as_string()});
            } else if (!unset || *unset != each.value()) {
                add(std::string{each.key()} + ": " + to_word(each.key(), each.value()));
            }
        }
        return text;
    }

    es::sync_type const& of_;
    es::feed_view const& desired_;
    es::sync_changes const& plan_;
    json::object unset_;
};

std::string to_line_of(plan_row const& row) {
    return row.details.empty() ? row.pattern : row.pattern + "  " + row.details;
}

}  // namespace

std::string show_changes(es::sync_type const& of, es::feed_view const& desired,
                         es::sync_changes const& plan, std::size_t most) {
    changes_of_plan const changes{of, desired, plan};
    marked_lines creates{'+', most, tone::good};
    for (auto const number : plan.creates) {
        creates.add([&] { return to_line_of(changes.create(number)); });
    }
    marked_lines updates{'~', most, tone::doubtful};
    marked_lines marks{'=', most, tone::doubtful};
    for (auto const& update : plan.updates) {
        auto& lines = update.purpose == es::edit_purpose::update ? updates : marks;
        lines.add([&] { return to_line_of(changes.update(update)); });
    }
    marked_lines removals{'-', most, tone::bad};
    for (auto const& removal : plan.removals) {
        removals.add([&] { return to_line_of(changes.removal(removal)); });
    }
    return creates.finish() + updates.finish() + marks.finish() + removals.finish();
}

std::string changes_object(es::sync_type const& of, es::feed_view const& desired,
                           es::sync_changes const& plan) {
    changes_of_plan const changes{of, desired, plan};
    std::string text = "{\"changes\":[";
    auto const add = [&text](json::object const& change) {
        if (!text.ends_with('[')) text += ',';
        text += json::serialize(change);
    };
    for (auto const number : plan.creates) add(changes.to_json(number));
    for (auto const& update : plan.updates) add(changes.to_json(update));
    for (auto const& removal : plan.removals) add(changes.to_json(removal));
    return text + "]}";
}

row_type plan_rows() {
    return {wire::fields_of<plan_row>(), {"change", "pattern", "details"}};
}

void add_changes(row_writer& rows, es::sync_type const& of, es::feed_view const& desired,
                 es::sync_changes const& plan) {
    changes_of_plan const changes{of, desired, plan};
    auto const add = [&rows](plan_row const& row) { rows.add(&row); };
    rows.expect(plan.creates.size() + plan.updates.size() + plan.removals.size());
    for (auto const number : plan.creates) add(changes.create(number));
    for (auto const& update : plan.updates) add(changes.update(update));
    for (auto const& removal : plan.removals) add(changes.removal(removal));
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
    std::string text;
    auto const add = [&text](std::int64_t count, char const* what) {
        if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + what;
    };
    auto const changes = report.created + report.updated + report.deleted;
    if (changes > 0) {
        text = std::to_string(report.created) + " to create, " + std::to_string(report.updated) +
               " to update, " + std::to_string(report.deleted) + " to delete";
    }
    add(report.shared, " to share");
    add(report.unmarked, " to unmark");
    add(report.retired, " to retire");
    if (text.empty()) text = "No changes";
    add(report.waiting, " waiting");
    add(report.expired, " expired");
    add(static_cast<std::int64_t>(report.left_alone.size()), " left alone");
    return text + (text == "No changes" ? ".\n" : "\n");
}

}  // namespace cfes
