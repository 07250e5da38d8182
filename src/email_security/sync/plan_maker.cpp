#include "email_security/sync/plan_maker.hpp"

#include "email_security/feed/ascii.hpp"
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

std::string in_lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), to_lower);
    return text;
}

/// Names are compared whatever their case, as the keys of addresses are: what one spares too much
/// of other patterns does no harm.
std::vector<std::string> comparable(std::vector<std::string> names) {
    for (auto& each : names) each = in_lower_case(std::move(each));
    std::ranges::sort(names);
    return names;
}

}  // namespace

plan_maker::plan_maker(sync_type const& of, feed_view const& desired, sync_options const& options,
                       sync_changes& made, plan_use use)
    : diff{of,
           desired,
           all_of(desired.size()),
           {.keeps_entries = use == plan_use::kept || options.journal()}},
      desired_{desired},
      options_{options},
      made_{made},
      use_{use},
      duplicates_{of, desired, options, use, keeps_entries()} {
    if (options.prune()) spared_ = comparable(desired.facts().spared);
}

void plan_maker::restart() {
    diff::restart();
    made_.removals.clear();
    duplicates_.restart();
    current_ = owned_ = 0;
}

std::optional<error> plan_maker::fill() {
    auto const pruned = made_.removals.size();
    take_duplicates();
    finish();
    for (auto const number : creates()) {
        // The owner's mark may be what makes the comments too long.
        auto const valid = owned_item(type(), desired_.item(number), options_.owner()).validate();
        if (valid) {
            made_.creates.push_back(number);
        } else {
            refuse(number, valid.error());
        }
    }
    for (auto const& update : updates()) {
        auto const valid = make_patch(type(), update, desired_.item(update.entry)).validate();
        if (valid) {
            made_.updates.push_back(update);
        } else {
            refuse(update.entry, valid.error());
        }
    }
    auto& report = made_.report;
    report.current = static_cast<std::int64_t>(current_);
    report.unchanged = static_cast<std::int64_t>(unchanged().size());
    report.created = static_cast<std::int64_t>(made_.creates.size());
    report.updated = static_cast<std::int64_t>(made_.updates.size());
    report.deleted = static_cast<std::int64_t>(made_.removals.size());
    return check_amounts({pruned, owned_, made_.creates.size()}, options_);
}

void plan_maker::visit(listed_entry const& there, std::optional<std::uint32_t> number,
                       std::uint32_t differing) {
    ++current_;
    if (number) duplicates_.add(*number, there, differing);
    if (!options_.prune() || !is_owned_by(there.comments, options_.owner())) return;
    ++owned_;
    if (number || there.id->empty() || !desired_.facts().incomplete.empty()) return;
    auto const pattern = in_lower_case(canonical_pattern(there.key, type().has_types));
    if (std::ranges::binary_search(spared_, pattern)) return;
    auto& removal = made_.removals.emplace_back();
    if (use_ == plan_use::kept) removal.seen = fingerprint_of(type(), there.model);
    if (keeps_entries()) removal.before = json_of_existing(type(), there.model);
    removal.id = *there.id;
    removal.pattern = there.key.pattern;
}

void plan_maker::take_duplicates() {
    for (auto& each : duplicates_.finish(open_updates())) {
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

void plan_maker::refuse(std::uint32_t number, error const& why) {
    rejection refused;
    refused.line = desired_.line(number);
    refused.pattern = desired_.pattern(number);
    refused.reason = why.detail();
    made_.report.rejected.push_back(std::move(refused));
}

}  // namespace cloudflare::inline v0::email_security
