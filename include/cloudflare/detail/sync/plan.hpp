#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/sync/batches.hpp>
#include <cloudflare/detail/sync/comparison.hpp>
#include <cloudflare/detail/sync/duplicates.hpp>
#include <cloudflare/detail/sync/guards.hpp>
#include <cloudflare/detail/sync/options.hpp>
#include <cloudflare/detail/sync/reading.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What a sync would do, before it is done.
namespace cloudflare::email_security {

/// What a sync would do.
template <class Traits>
struct sync_plan {
    static_assert(has_batch<Traits>, "without a batch, entries are created one by one");
    static_assert(!has_batch_of_deletes<Traits>, "a batch of this collection can only delete");
    static_assert(syncable<Traits>, "nothing tells what an entry of this collection is about");

    sync_plan() noexcept {}

    feed<Traits> desired;
    std::vector<std::uint32_t> creates;  ///< in `desired.entries`
    std::vector<planned_update> updates;
    std::vector<planned_removal> removals;
    /// What was found, and in `created`, `updated`, `deleted` what is to be done.
    sync_report report;

    bool is_empty() const noexcept {
        return creates.empty() && updates.empty() && removals.empty();
    }
};

/// The comparison that makes a plan.
template <class Traits>
class plan_comparison final : public diff<Traits> {
public:
    using model = typename Traits::model;

    /// The views must outlive it.
    plan_comparison(sync_plan<Traits>& plan, sync_options const& options)
        : diff<Traits>{plan.desired.entries, all_of(plan.desired.entries.size())},
          plan_{plan},
          options_{options},
          duplicates_{plan.desired.entries, options} {
        if (options.prune()) spared_ = in_order(plan.desired.spared);
    }

    void restart() override {
        diff<Traits>::restart();
        plan_.removals.clear();
        duplicates_.restart();
        current_ = owned_ = 0;
    }

    /// Makes the plan, once the list was read.
    std::optional<error> fill() {
        auto const pruned = plan_.removals.size();
        take_duplicates();
        this->finish();
        for (auto const number : this->creates()) {
            // The owner's mark may be what makes the comments too long.
            auto const valid =
                owned_item(plan_.desired.entries[number].item, options_.owner()).validate();
            if (valid) {
                plan_.creates.push_back(number);
            } else {
                refuse(number, valid.error());
            }
        }
        for (auto const& update : this->updates()) {
            auto const valid =
                make_patch<Traits>(update, plan_.desired.entries[update.entry].item).validate();
            if (valid) {
                plan_.updates.push_back(update);
            } else {
                refuse(update.entry, valid.error());
            }
        }
        auto& report = plan_.report;
        report.current = static_cast<std::int64_t>(current_);
        report.unchanged = static_cast<std::int64_t>(this->unchanged().size());
        report.created = static_cast<std::int64_t>(plan_.creates.size());
        report.updated = static_cast<std::int64_t>(plan_.updates.size());
        report.deleted = static_cast<std::int64_t>(plan_.removals.size());
        return check_changes({pruned, owned_, plan_.creates.size()}, options_);
    }

private:
    static std::vector<std::uint32_t> all_of(std::size_t count) {
        std::vector<std::uint32_t> all(count);
        std::iota(all.begin(), all.end(), 0U);
        return all;
    }

    static std::vector<std::string> in_order(std::vector<std::string> names) {
        std::ranges::sort(names);
        return names;
    }

    void visit(model there, std::optional<std::uint32_t> number, std::uint32_t differing) override {
        ++current_;
        if (number) duplicates_.add(*number, there, differing);
        if (!options_.prune() || !is_owned_by(comments_of(there), options_.owner())) return;
        ++owned_;
        if (number || !plan_.desired.incomplete.empty() || there.id.empty() ||
            std::ranges::binary_search(spared_, canonical_pattern(there)))
            return;
        auto& removal = plan_.removals.emplace_back();
        removal.seen = fingerprint_of<Traits>(there);
        removal.id = std::move(there.id);
        removal.pattern = pattern_of_existing(there).value_or("");
    }

    void take_duplicates() {
        for (auto& each : duplicates_.finish(this->open_updates())) {
            auto const& entry = plan_.desired.entries[each.change.entry];
            duplicate found;
            found.line = entry.line;
            found.pattern = pattern_of(entry.item);
            found.id = each.change.id;
            found.other_id = each.kept;
            found.is_surplus = each.is_own && !options_.keep_duplicates();
            if (found.is_surplus) {
                plan_.removals.push_back(
                    {found.id, found.pattern, each.change.seen, found.other_id});
            }
            plan_.report.duplicates.push_back(std::move(found));
        }
    }

    void refuse(std::uint32_t number, error const& why) {
        auto const& entry = plan_.desired.entries[number];
        rejection refused;
        refused.line = entry.line;
        refused.pattern = pattern_of(entry.item);
        refused.reason = why.detail();
        plan_.report.rejected.push_back(std::move(refused));
    }

    sync_plan<Traits>& plan_;
    sync_options const& options_;
    duplicate_search<Traits> duplicates_;
    /// The feed still names these, though nobody can tell how it wants them; sorted.
    std::vector<std::string> spared_;
    std::size_t current_ = 0;
    std::size_t owned_ = 0;
};

/// Fills an empty plan. What keeps it from that is the result; the report then tells what was found
/// and what it took, and the plan must not be applied.
template <class Traits>
boost::asio::awaitable<std::optional<error>> make_plan(collection<Traits> where,
                                                       feed<Traits> desired,
                                                       sync_options const& options,
                                                       sync_plan<Traits>& made) {
    sync_clock const clock{where.client()};
    made.desired = std::move(desired);
    made.report.desired = static_cast<std::int64_t>(made.desired.entries.size());
    made.report.rejected = made.desired.rejected;
    if (auto const valid = options.validate(); !valid) co_return valid.error();
    auto refused = check_feed(made.desired, made.desired.entries.size(), options);
    if (refused) co_return std::move(*refused);
    if (!has_owners<Traits> && !options.owner().empty()) {
        co_return error{errc::invalid_argument,
                        "owner: these entries have no comments to mark one in"};
    }
    std::optional<error> failed;
    try {
        plan_comparison<Traits> comparison{made, options};
        sync_progress now;
        now.phase = sync_phase::reading;
        auto const read = co_await read_with_progress(where, comparison, options, clock, now);
        failed = read ? comparison.fill() : read.error();
    } catch (boost::system::system_error const& thrown) {
        if (!is_cancellation(thrown)) throw;
        failed = error{errc::cancelled, {}};
    }
    clock.stop(made.report);
    co_return failed;
}

/// Reads the collection and tells what a sync would do; writes nothing. The time is linear in the
/// entries there and in the feed.
///
/// `GET path`; permission: Cloud Email Security Read.
/// Errors: as `collection::list_all`; `errc::invalid_argument` for options that do not go together,
/// or when more would be deleted than they allow.
/// Cancellation: all types; ends with `errc::cancelled`.
template <class Traits>
boost::asio::awaitable<result<sync_plan<Traits>>> plan(collection<Traits> where,
                                                       feed<Traits> desired,
                                                       sync_options options = {}) {
    sync_plan<Traits> made;
    auto failed = co_await make_plan(std::move(where), std::move(desired), options, made);
    if (failed) co_return std::move(*failed);
    co_return std::move(made);
}

}  // namespace cloudflare::email_security
