#include "email_security/sync/plan_maker.hpp"

#include "email_security/sync/guards.hpp"
#include "email_security/sync/owner_marks.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

std::vector<std::uint32_t> all_of(std::size_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

}  // namespace

plan_maker::plan_maker(sync_type const& of, feed_view const& desired, sync_options const& options,
                       sync_changes& made, plan_use use)
    : diff{of, desired, all_of(desired.size()),
           diff_options{options, false, use == plan_use::kept || options.journal()}},
      desired_{desired},
      options_{options},
      made_{made},
      use_{use},
      duplicates_{of, desired, options, use, keeps_entries()} {
    if (!options.owner().empty()) spared_ = spared_entries{desired.facts().spared};
}

void plan_maker::restart() {
    diff::restart();
    made_.removals.clear();
    duplicates_.restart();
    departures_.clear();
    current_ = owned_ = 0;
    waiting_ = 0;
}

std::optional<error> plan_maker::fill() {
    auto const pruned = made_.removals.size();
    take_duplicates();
    finish();
    for (auto const number : creates()) {
        // The owner's mark may be what makes the comments too long.
        auto const valid = owned_item(type(), desired_, number, options_.owner()).validate();
        if (valid) {
            made_.creates.push_back(number);
        } else {
            refuse(number, valid.error());
        }
    }
    for (auto const& update : updates()) {
        auto const valid = sent_patch(type(), made_, update, desired_).validate();
        if (valid) {
            made_.updates.push_back(update);
        } else if (update.purpose == edit_purpose::share) {
            leave_alone(update, "has no room for another mark: " + valid.error().detail());
        } else {
            refuse(update.entry, valid.error());
        }
    }
    for (auto const& each : left_alone()) leave_alone(each, describe_difference(each));
    auto unmarked = std::size_t{0};
    for (auto& each : departures_) {
        auto const valid = sent_patch(type(), made_, each, desired_).validate();
        if (!valid) {
            leave_alone(each, "left the feed, and has no room for the date of that: " +
                                  valid.error().detail());
            continue;
        }
        unmarked += each.purpose == edit_purpose::unmark;
        made_.updates.push_back(std::move(each));
    }
    departures_.clear();
    count();
    return check_amounts({pruned + unmarked, owned_, made_.creates.size()}, options_);
}

void plan_maker::count() {
    auto& report = made_.report;
    report.current = static_cast<std::int64_t>(current_);
    report.unchanged = static_cast<std::int64_t>(unchanged().size());
    report.expired = static_cast<std::int64_t>(expired().size());
    report.waiting = waiting_;
    made_.owned = static_cast<std::int64_t>(owned_);
    count_changes(made_);
}

void plan_maker::visit(listed_entry const& there, found_entry const& found) {
    ++current_;
    if (found.number) duplicates_.add(*found.number, there, found.marks, found.made);
    if (found.marks.is_own) ++owned_;
    if (found.number || found.made.what == verdict::fits || there.id->empty()) return;
    if (is_spared(there)) return;
    if (found.made.what == verdict::wait) {
        ++waiting_;
    } else if (found.made.what == verdict::remove) {
        auto& removal = made_.removals.emplace_back();
        if (use_ == plan_use::kept) removal.seen = fingerprint_of(type(), there.model);
        if (keeps_entries()) removal.before = json_of_existing(type(), there.model);
        removal.id = *there.id;
        removal.pattern = there.key.pattern;
    } else {
        auto& edit =
            departures_.emplace_back(make_update(planned_update::no_entry, there, found.made));
        if (use_ == plan_use::kept) edit.seen = fingerprint_of(type(), there.model);
        if (keeps_entries()) edit.before = json_of_existing(type(), there.model);
    }
}

bool plan_maker::is_spared(listed_entry const& there) const {
    return !desired_.facts().incomplete.empty() || spared_.has(there.key, type().has_types);
}

void plan_maker::take_duplicates() {
    for (auto& each : duplicates_.finish(open_differences())) {
        auto const entry = each.change.entry;
        duplicate found;
        found.line = desired_.line(entry);
        found.pattern = desired_.pattern(entry);
        found.id = each.change.id;
        found.other_id = each.kept;
        found.is_surplus = each.is_own && !options_.keep_duplicates();
        if (found.is_surplus) {
            made_.removals.push_back({found.id, found.pattern, each.change.seen, found.other_id,
                                      std::move(each.change.before)});
        }
        made_.report.duplicates.push_back(std::move(found));
    }
}

void plan_maker::leave_alone(planned_update const& each, std::string reason) {
    left_entry left;
    left.line = line_of(each, desired_);
    left.pattern = pattern_of(each, desired_);
    left.id = each.id;
    left.reason = std::move(reason);
    made_.report.left_alone.push_back(std::move(left));
}

std::string plan_maker::describe_difference(planned_update const& each) const {
    auto const marks = look_at_marks(each.comments, options_.owner());
    auto const fields = type().collection->new_item->fields();
    std::string names;
    for (std::size_t i = 0; i != fields.size() && i < 32; ++i) {
        if ((each.fields & (1U << i)) == 0) continue;
        names.append(names.empty() ? "" : ", ").append(fields[i].name);
    }
    return "differs in " + names + ", and " +
           (marks.has_others ? "is another owner's too" : "was made by hand");
}

void plan_maker::refuse(std::uint32_t number, error const& why) {
    rejection refused;
    refused.line = desired_.line(number);
    refused.pattern = desired_.pattern(number);
    refused.reason = why.detail();
    made_.report.rejected.push_back(std::move(refused));
}

}  // namespace cloudflare::inline v0::email_security
