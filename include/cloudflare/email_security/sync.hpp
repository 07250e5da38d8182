#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/detail/sync/batches.hpp>
#include <cloudflare/detail/sync/comparison.hpp>
#include <cloudflare/detail/sync/options.hpp>
#include <cloudflare/detail/sync/plan.hpp>
#include <cloudflare/detail/sync/reading.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

/// Brings a collection (block senders, allow policies: any that is `syncable`) to the state that a
/// feed describes, with as few requests as the API's limits allow.
namespace cloudflare::email_security {

/// One application of a plan: its batches, what came of them, and what is to be settled.
template <class Traits>
class sync_application final : private batch_work {
public:
    sync_application(collection<Traits> where, sync_plan<Traits> plan, sync_options options)
        : batch_work{std::move(options), where.client().options().retry(),
                     plan.creates.size() + plan.updates.size() + plan.removals.size()},
          where_{std::move(where)},
          plan_{std::move(plan)},
          clock_{where_.client(), plan_.report} {
        auto const total = report().left;
        report() = plan_.report;
        report().created = report().updated = report().deleted = 0;
        report().left = total;
    }

    boost::asio::awaitable<void> run() {
        try {
            co_await run_rounds();
            if (!has_failed() && !sent_again_.empty()) co_await remove_doubles();
        } catch (boost::system::system_error const& thrown) {
            if (!is_cancellation(thrown)) throw;
            fail(error{errc::cancelled, {}});
        }
    }

    sync_report finish() {
        clock_.stop(report());
        return std::move(report());
    }

private:
    using model = typename Traits::model;

    static constexpr int max_attempts_at_doubles = 3;
    /// Of a list, as changes are not done again for want of one; each request has its retries.
    static constexpr int max_reads = 5;

    /// What the list has of the changes whose batches had no clear outcome.
    struct settlement final : diff<Traits> {
        settlement(std::vector<feed_entry<typename Traits::new_item>> const& all,
                   std::vector<std::uint32_t> subset, std::vector<identifier> const& removed)
            : diff<Traits>{all, std::move(subset)} {
            for (auto const& each : removed) to_remove.insert(each.text());
        }

        void restart() override {
            diff<Traits>::restart();
            removals.clear();
        }
        void visit(model there, std::optional<std::uint32_t>, std::uint32_t) override {
            if (!to_remove.contains(there.id.text())) return;
            auto& removal = removals.emplace_back();
            removal.id = std::move(there.id);
            removal.pattern = pattern_of_existing(there).value_or("");
        }

        std::unordered_set<std::string> to_remove;
        std::vector<planned_removal> removals;  ///< those that are still there
    };

    /// What the list has twice of what was sent twice.
    struct search_for_doubles final : list_visitor<model> {
        explicit search_for_doubles(sync_application const& whose)
            : of{whose}, lookup{whose.plan_.desired.entries, whose.sent_again_} {}

        void restart() override {
            kept.clear();
            doubles.clear();
        }
        void take(std::size_t, std::vector<model> there) override {
            for (auto& each : there) {
                auto const number = lookup.find(each);
                if (!number) continue;
                // What differs is not from here, whoever made it.
                auto const& entry = of.plan_.desired.entries[*number];
                if (!is_as_created<Traits>(each, entry.item, entry.given, of.options().owner())) {
                    continue;
                }
                if (!kept.insert(*number).second) doubles.push_back(std::move(each.id));
            }
        }

        sync_application const& of;
        feed_lookup<Traits> lookup;
        std::unordered_set<std::uint32_t> kept;
        std::vector<identifier> doubles;
    };

    /// False when that failed, and the application with it.
    boost::asio::awaitable<bool> read_list(list_visitor<model>& visitor) {
        for (int attempts = 1;; ++attempts) {
            auto now = progress();
            now.phase = sync_phase::settling;
            auto const read = co_await read_with_progress(where_, visitor, options(), clock_, now);
            if (read) co_return true;
            if (attempts == max_reads || !may_pass(read.error())) {
                fail(read.error());
                co_return false;
            }
            co_await wait_for(where_.client().options().retry().backoff_cap());
        }
    }

    boost::asio::awaitable<void> run_rounds() {
        report_progress();
        for (;;) {
            begin_round(plan_.creates.size(), plan_.updates.size(), plan_.removals.size());
            auto work = [this](std::size_t) { return send_batches(); };
            co_await for_each_concurrently(options().concurrency(), options().concurrency(), work);
            auto const pause = end_round();
            if (!pause) co_return;
            if (pause->count() > 0) co_await wait_for(*pause);
            co_await settle();
        }
    }

    boost::asio::awaitable<void> send_batches() {
        while (auto next = next_batch()) {
            auto request = build(next->items);
            auto answer = co_await where_.batch(std::move(request), options().call());
            if (answer) {
                finish_batch(*next);
            } else {
                take_failure(answer.error(), *next);
            }
            report_progress();
        }
    }

    /// Reads the list again, and keeps of the unsettled changes those that are not there.
    boost::asio::awaitable<void> settle() {
        std::vector<std::uint32_t> subset;
        std::vector<identifier> removals;
        std::vector<bool> was_update(plan_.desired.entries.size());
        for (auto const& each : take_unsettled()) {
            if (each.kind == change_kind::remove) {
                removals.push_back(plan_.removals[each.index].id);
                continue;
            }
            auto const number = entry_of(each);
            was_update[number] = each.kind == change_kind::update;
            subset.push_back(number);
        }
        settlement now{plan_.desired.entries, std::move(subset), removals};
        if (!co_await read_list(now)) co_return;
        now.finish();
        end_doubt();
        for (auto const number : now.unchanged()) {
            count_settled(was_update[number] ? change_kind::update : change_kind::create, number);
        }
        for (auto gone = removals.size() - now.removals.size(); gone > 0; --gone) {
            count_settled(change_kind::remove, 0);
        }
        plan_.creates = now.creates();
        plan_.updates = now.updates();
        plan_.removals = std::move(now.removals);
        for (auto const number : plan_.creates) {
            if (is_doubtful(number)) sent_again_.push_back(number);
        }
        report_progress();
    }

    /// A create that was sent again may be there twice, as the first one was applied late. All but
    /// one go. None of them was in the list at first, or it would not have been created.
    boost::asio::awaitable<void> remove_doubles() {
        std::ranges::sort(sent_again_);
        auto const repeated = std::ranges::unique(sent_again_);
        sent_again_.erase(repeated.begin(), repeated.end());
        for (int attempts = 1;; ++attempts) {
            search_for_doubles search{*this};
            if (!co_await read_list(search)) co_return;
            auto failed = co_await remove_all(std::move(search.doubles));
            if (!failed) co_return;
            if (attempts == max_attempts_at_doubles) {
                fail(std::move(*failed));
                co_return;
            }
        }
    }

    boost::asio::awaitable<std::optional<error>> remove_all(std::vector<identifier> ids) {
        for (std::size_t begin = 0; begin < ids.size(); begin += options().batch_size()) {
            auto const end = std::min(ids.size(), begin + options().batch_size());
            typename collection<Traits>::batch_request request;
            for (auto i = begin; i != end; ++i) request.remove(ids[i]);
            auto answer = co_await where_.batch(std::move(request), options().call());
            if (!answer) co_return answer.error();
            report_progress();
        }
        co_return std::nullopt;
    }

    typename collection<Traits>::batch_request build(work_items const& items) const {
        typename collection<Traits>::batch_request request;
        for (auto const& each : items) {
            switch (each.kind) {
                case change_kind::remove:
                    request.remove(plan_.removals[each.index].id);
                    break;
                case change_kind::update:
                    request.edit(plan_.updates[each.index].id,
                                 make_patch<Traits>(plan_.updates[each.index],
                                                    plan_.desired.entries[entry_of(each)].item));
                    break;
                case change_kind::create:
                    request.create(
                        owned_item(plan_.desired.entries[entry_of(each)].item, options().owner()));
                    break;
            }
        }
        return request;
    }

    std::uint32_t entry_of(work_item const& each) const override {
        return each.kind == change_kind::create ? plan_.creates[each.index]
                                                : plan_.updates[each.index].entry;
    }

    rejection describe(work_item const& each) const override {
        rejection about;
        if (each.kind == change_kind::remove) {
            about.pattern = plan_.removals[each.index].pattern;
        } else {
            auto const& entry = plan_.desired.entries[entry_of(each)];
            about.line = entry.line;
            about.pattern = pattern_of(entry.item);
        }
        return about;
    }

    std::size_t encoded_size(work_item const& each) const override {
        return wire::to_json(build({each})).size() - wire::to_json(build({})).size();
    }

    void report_progress() const {
        email_security::report_progress(progress(), where_.client(), clock_, options());
    }

    collection<Traits> where_;
    sync_plan<Traits> plan_;
    sync_clock clock_;
    /// Creates whose first batch was not there when the list was read, and may yet be applied.
    std::vector<std::uint32_t> sent_again_;
};

/// Does what a plan says, and reports what was done; also when it stopped early, for the reason in
/// `sync_report::failure`.
///
/// Up to 1000 changes of each kind go in one batch, several batches at a time. A batch that the API
/// refuses is narrowed to the entries at fault: they are in `sync_report::rejected`, the others
/// go through. After a batch of unknown outcome the list is read again, and only what is missing is
/// sent again; where the first one may be applied later, the list is read once more at the end, and
/// what came twice is removed.
///
/// A plan is only as good as its list: what others create after it was made may come twice where
/// the API accepts that.
///
/// `POST batch_path`; permission: Cloud Email Security Write.
/// Cancellation (all types): no more is begun, what is in flight is cut off; the report tells what
/// is done, what is unknown, as its answer did not come, and what is left. To complete it, sync
/// again.
template <class Traits>
boost::asio::awaitable<sync_report> apply(collection<Traits> where, sync_plan<Traits> plan,
                                          sync_options options = {}) {
    sync_application<Traits> application{std::move(where), std::move(plan), std::move(options)};
    co_await application.run();
    co_return application.finish();
}

/// Plans and applies. What keeps it from planning is in `sync_report::failure` too.
///
/// Permission, cancellation: as `plan` and `apply`. Syncing what is there already writes nothing.
template <class Traits>
boost::asio::awaitable<sync_report> sync(collection<Traits> where, feed<Traits> desired,
                                         sync_options options = {}) {
    sync_plan<Traits> made;
    auto failed = co_await make_plan(where, std::move(desired), options, made);
    if (failed) co_return unplanned(std::move(made.report), std::move(*failed));
    auto application = apply(std::move(where), std::move(made), std::move(options));
    co_return co_await std::move(application);
}

}  // namespace cloudflare::email_security
