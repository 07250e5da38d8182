#include "email_security/sync/change_log.hpp"

#include "email_security/sync/entries.hpp"

#include <cloudflare/detail/codec.hpp>

#include <limits>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t write_at_once = 64U << 10U;

/// Texts of JSON that are put together.
std::string member(std::string_view name, std::string_view json) {
    return std::string{"\""}.append(name).append("\":").append(json);
}

std::string line_of(std::string_view kind, std::string_view json) {
    return '{' + member(kind, json) + "}\n";
}

}  // namespace

change_log::change_log(std::shared_ptr<journal_sink> to, sync_type const& of,
                       feed_view const& desired, std::string const& owner)
    : to_{std::move(to)}, of_{of}, desired_{desired}, owner_{owner} {}

result<void> change_log::begin(journal_header header, sync_changes const& plan) {
    if (!is_kept()) return {};
    has_begun_ = true;
    header.format = journal_format;
    header.version = journal_version;
    entries_.assign(desired_.size(), 0);
    is_create_.assign(desired_.size(), false);
    auto written = add(wire::to_json(header) + '\n');
    if (written) written = write_changes(plan);
    if (!written) return written;
    journal_counts counts;
    counts.creates = static_cast<std::int64_t>(plan.creates.size());
    counts.updates = static_cast<std::int64_t>(plan.updates.size());
    counts.deletes = static_cast<std::int64_t>(plan.removals.size());
    written = add(line_of("planned", wire::to_json(counts)));
    return written ? flush() : written;
}

result<void> change_log::plan_again(sync_changes const& plan) {
    if (!has_begun_) return {};
    auto const written = write_changes(plan);
    return written ? flush() : written;
}

result<void> change_log::remove_doubles(std::span<planned_removal const> doubles) {
    if (!has_begun_ || doubles.empty()) return {};
    for (auto const& each : doubles) {
        if (auto const written = write_removal(each, true); !written) return written;
    }
    return flush();
}

result<void> change_log::write_changes(sync_changes const& plan) {
    for (auto const entry : plan.creates) {
        if (is_create_[entry]) continue;
        is_create_[entry] = true;
        entries_[entry] = count_++;
        auto const item = created_item(of_, plan, desired_, entry, owner_);
        auto const written = add(line_of("create", wire::to_json(item)));
        if (!written) return written;
    }
    updates_.clear();
    for (auto const& update : plan.updates) {
        if (update.entry != planned_update::no_entry) is_create_[update.entry] = false;
        updates_.push_back(count_++);
        auto const patch = sent_patch(of_, plan, update, desired_);
        auto text = '{' + member("id", wire::to_json(update.id)) + ',';
        if (!update.before.empty()) text += member("before", update.before) + ',';
        text += member("set", wire::to_json(patch)) + '}';
        if (auto const written = add(line_of("update", text)); !written) return written;
    }
    removals_.clear();
    for (auto const& removal : plan.removals) {
        removals_.push_back(count_);
        if (auto const written = write_removal(removal, false); !written) return written;
    }
    return {};
}

result<void> change_log::write_removal(planned_removal const& removal, bool is_repeated) {
    ++count_;
    auto text = '{' + member("id", wire::to_json(removal.id)) + ',' +
                member("pattern", wire::to_json(removal.pattern));
    if (!removal.before.empty()) text += ',' + member("before", removal.before);
    if (!removal.kept.empty()) text += ',' + member("kept", wire::to_json(removal.kept));
    if (is_repeated) text += ',' + member("repeated", "true");
    return add(line_of("delete", text + '}'));
}

journal_numbers change_log::numbers_of(sync_changes const& plan,
                                       std::span<work_item const> items) const {
    journal_numbers numbers;
    if (!has_begun_) return numbers;
    for (auto const& each : items) {
        switch (each.kind) {
            case change_kind::create:
                numbers.creates.push_back(entries_[plan.creates[each.index]]);
                break;
            case change_kind::update:
                numbers.updates.push_back(updates_[each.index]);
                break;
            case change_kind::remove:
                numbers.deletes.push_back(removals_[each.index]);
                break;
        }
    }
    return numbers;
}

// The system has it then, also if this process ends at once. That is enough: where the power failed
// too, whatever may have been sent counts as sent.
result<void> change_log::sent(journal_numbers const& which) {
    if (!has_begun_) return {};
    auto const written = add(line_of("sent", wire::to_json(which)));
    return written ? write_out() : written;
}

result<void> change_log::done(journal_numbers const& which, std::vector<identifier> ids) {
    if (!has_begun_ || which.is_empty()) return {};
    journal_results results;
    static_cast<journal_numbers&>(results) = which;
    results.ids = std::move(ids);
    auto const written = add(line_of("done", wire::to_json(results)));
    return written ? flush() : written;
}

result<void> change_log::failed(journal_numbers const& which, error const& why) {
    if (!has_begun_) return {};
    auto const* const kind = why.outcome() == outcome::unknown ? "unknown" : "refused";
    auto const written = add(line_of(kind, wire::to_json(which)));
    return written ? flush() : written;
}

result<void> change_log::end(sync_report const& report) {
    if (!has_begun_) return {};
    journal_end how;
    how.created = report.created;
    how.updated = report.updated;
    how.deleted = report.deleted;
    how.rejected = static_cast<std::int64_t>(report.rejected.size());
    how.unknown = report.unknown;
    how.left = report.left;
    if (report.failure) how.failure = report.failure->message();
    auto const written = add(line_of("ended", wire::to_json(how)));
    return written ? flush() : written;
}

result<void> change_log::add(std::string_view line) {
    text_ += line;
    return text_.size() < write_at_once ? result<void>{} : write_out();
}

result<void> change_log::write_out() {
    auto written = to_->append(text_);
    text_.clear();
    return written;
}

result<void> change_log::flush() {
    auto const written = write_out();
    return written ? to_->flush() : written;
}

}  // namespace cloudflare::inline v0::email_security
