#pragma once

#include <cloudflare/collection.hpp>
#include <cloudflare/concurrent.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_index.hpp>
#include <cloudflare/email_security/sync_batches.hpp>
#include <cloudflare/email_security/sync_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

/// Brings a collection (block senders, allow policies: any with patterns and batch) to the state
/// that a feed describes, with as few requests as the API's limits allow.
namespace cloudflare::email_security {

/// An entry that is there and differs from the feed.
struct planned_update {
    std::uint32_t entry = 0;   ///< in `sync_plan::desired.entries`
    identifier id;             ///< of the entry that is there
    std::uint32_t fields = 0;  ///< which fields differ, one bit each as in `feed_entry::given`
    std::string comments;      ///< that it has now
};

/// An entry that is there, is the owner's and is not in the feed.
struct planned_removal {
    identifier id;
    std::string pattern;
};

/// What a sync would do.
template <class Traits>
struct sync_plan {
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

/// Compares what a feed wants with what a collection has.
template <class Traits>
class sync_comparison {
public:
    using model = typename Traits::model;
    using item = typename Traits::new_item;
    using entries = std::vector<feed_entry<item>>;

    /// The views must outlive it. Only the entries in `subset` are compared.
    sync_comparison(entries const& all, std::vector<std::uint32_t> const& subset)
        : all_{all}, subset_{subset}, keys_{all}, index_{keys_} {
        index_.reserve(subset.size());
        for (auto const number : subset) index_.insert(number);
    }

    std::vector<std::uint32_t> creates;
    std::vector<planned_update> updates;
    std::vector<std::uint32_t> unchanged;
    /// Positions in the list of what no entry of the subset describes.
    std::vector<std::size_t> others;

    /// The entry of the subset that describes this one.
    std::optional<std::uint32_t> find(model const& there) const {
        if (!there.pattern) return std::nullopt;
        auto key = key_of_existing(there);
        if (auto const number = index_.find(key)) return number;
        // It may be there in another form, in upper case for one.
        auto const canonical = canonical_pattern(there);
        if (canonical == key.pattern) return std::nullopt;
        key.pattern = canonical;
        return index_.find(key);
    }

    void run(std::vector<model> const& there) {
        std::vector<bool> found(all_.size());
        for (std::size_t i = 0; i != there.size(); ++i) {
            auto const number = find(there[i]);
            if (!number) {
                others.push_back(i);
            } else if (!found[*number]) {
                // Of several that are the same, the first one counts.
                found[*number] = true;
                compare(*number, there[i]);
            }
        }
        for (auto const number : subset_) {
            if (!found[number]) creates.push_back(number);
        }
    }

private:
    void compare(std::uint32_t number, model const& there) {
        auto const& entry = all_[number];
        auto const differing = differing_fields(wire::fields_of<item>(), &entry.item, entry.given,
                                                wire::fields_of<model>(), &there);
        if (differing == 0) {
            unchanged.push_back(number);
            return;
        }
        auto& update = updates.emplace_back();
        update.entry = number;
        update.id = there.id;
        update.fields = differing;
        update.comments = comments_of(there);
    }

    entries const& all_;
    std::vector<std::uint32_t> const& subset_;
    entry_keys<item> keys_;
    pattern_index index_;
};

/// The item that goes to the API: marked as the owner's, and as no other's. Marks in the feed do
/// not count, or entries would be pruned by, or kept from, an owner that did not create them.
template <class Item>
Item owned_item(Item item, std::string const& owner) {
    if constexpr (requires { item.comments(); }) {
        if (item.comments()) item.comments(text_of(*item.comments()));
        if (!owner.empty()) item.comments(with_owner(item.comments().value_or(""), owner));
    }
    return item;
}

/// The changes that make an entry equal to the feed. The owners in its comments stay.
template <class Traits>
typename Traits::patch make_patch(planned_update const& update,
                                  typename Traits::new_item const& wanted) {
    typename Traits::patch patch;
    auto item = wanted;
    if constexpr (requires { item.comments(); }) {
        if (item.comments()) item.comments(with_text(update.comments, *item.comments()));
    }
    copy_some_fields(update.fields, wire::fields_of<typename Traits::new_item>(), &item,
                     wire::fields_of<typename Traits::patch>(), &patch);
    return patch;
}

template <class Traits>
std::optional<error> fill_plan(sync_plan<Traits>& plan,
                               std::vector<typename Traits::model> const& there,
                               sync_options const& options) {
    auto& entries = plan.desired.entries;
    std::vector<std::uint32_t> all(entries.size());
    for (std::uint32_t i = 0; i != all.size(); ++i) all[i] = i;
    sync_comparison<Traits> comparison{entries, all};
    comparison.run(there);

    auto& report = plan.report;
    report.rejected = plan.desired.rejected;
    auto const refuse = [&](std::uint32_t number, error const& why) {
        rejection refused;
        refused.line = entries[number].line;
        refused.pattern = entries[number].item.pattern();
        refused.reason = why.detail();
        report.rejected.push_back(std::move(refused));
    };
    for (auto const number : comparison.creates) {
        // The owner's mark may be what makes the comments too long.
        auto const valid = owned_item(entries[number].item, options.owner()).validate();
        if (valid) {
            plan.creates.push_back(number);
        } else {
            refuse(number, valid.error());
        }
    }
    for (auto& update : comparison.updates) {
        auto const valid = make_patch<Traits>(update, entries[update.entry].item).validate();
        if (valid) {
            plan.updates.push_back(std::move(update));
        } else {
            refuse(update.entry, valid.error());
        }
    }
    std::size_t owned = 0;
    if (options.prune()) {
        for (auto const& each : there) owned += is_owned_by(comments_of(each), options.owner());
        for (auto const position : comparison.others) {
            auto const& each = there[position];
            if (!is_owned_by(comments_of(each), options.owner()) || each.id.empty()) continue;
            auto& removal = plan.removals.emplace_back();
            removal.id = each.id;
            removal.pattern = each.pattern.value_or("");
        }
    }
    report.desired = static_cast<std::int64_t>(entries.size());
    report.current = static_cast<std::int64_t>(there.size());
    report.unchanged = static_cast<std::int64_t>(comparison.unchanged.size());
    report.created = static_cast<std::int64_t>(plan.creates.size());
    report.updated = static_cast<std::int64_t>(plan.updates.size());
    report.deleted = static_cast<std::int64_t>(plan.removals.size());
    return check_removals(plan.removals.size(), owned, entries.size(), options);
}

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
    std::optional<error> failed;
    try {
        typename Traits::filter everything;
        auto const there =
            co_await where.list_all(everything, options.call(), options.concurrency());
        failed = there ? fill_plan(made, *there, options) : there.error();
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
    static constexpr int max_attempts_at_doubles = 3;

    boost::asio::awaitable<void> run_rounds() {
        tell();
        for (;;) {
            begin_round(plan_.creates.size(), plan_.updates.size(), plan_.removals.size());
            auto run_one = [this](std::size_t number) { return run_batch(number); };
            co_await for_each_concurrently(batch_count(), options().concurrency(), run_one);
            auto const pause = end_round();
            if (!pause) co_return;
            if (pause->count() > 0) co_await wait_for(*pause);
            co_await settle();
        }
    }

    boost::asio::awaitable<void> run_batch(std::size_t number) {
        std::vector<work_items> waiting;
        waiting.push_back(batch(number));
        while (!waiting.empty()) {
            auto items = std::move(waiting.back());
            waiting.pop_back();
            if (has_failed()) co_return;
            auto request = build(items);
            auto answer = co_await where_.batch(std::move(request), options().call());
            if (answer) {
                finish_items(items);
            } else {
                take_failure(answer.error(), std::move(items), waiting);
            }
            tell();
        }
    }

    /// Reads the list again, and keeps of the unsettled changes those that are not there.
    boost::asio::awaitable<void> settle() {
        typename Traits::filter everything;
        auto const there =
            co_await where_.list_all(everything, options().call(), options().concurrency());
        if (!there) {
            fail(there.error());
            co_return;
        }
        std::vector<std::uint32_t> subset;
        std::unordered_set<std::string> removals;
        std::vector<bool> was_update(plan_.desired.entries.size());
        for (auto const& each : take_unsettled()) {
            if (each.kind == work_kind::remove) {
                removals.insert(plan_.removals[each.index].id.text());
                continue;
            }
            auto const number = entry_of(each);
            was_update[number] = each.kind == work_kind::update;
            subset.push_back(number);
        }
        sync_comparison<Traits> comparison{plan_.desired.entries, subset};
        comparison.run(*there);
        for (auto const number : comparison.unchanged) {
            count_settled(was_update[number] ? work_kind::update : work_kind::create, number);
        }
        std::vector<planned_removal> left;
        for (auto const& each : *there) {
            if (removals.erase(each.id.text()) == 0) continue;
            auto& removal = left.emplace_back();
            removal.id = each.id;
            removal.pattern = each.pattern.value_or("");
        }
        for (std::size_t gone = removals.size(); gone > 0; --gone) {
            count_settled(work_kind::remove, 0);
        }
        for (auto const number : comparison.creates) {
            if (is_doubtful(number)) sent_again_.push_back(number);
        }
        plan_.creates = std::move(comparison.creates);
        plan_.updates = std::move(comparison.updates);
        plan_.removals = std::move(left);
        tell();
    }

    /// A create that was sent again may be there twice, as the first one was applied late. All but
    /// one go. None of them was in the list at first, or it would not have been created.
    boost::asio::awaitable<void> remove_doubles() {
        std::ranges::sort(sent_again_);
        auto const repeated = std::ranges::unique(sent_again_);
        sent_again_.erase(repeated.begin(), repeated.end());
        sync_comparison<Traits> const comparison{plan_.desired.entries, sent_again_};
        for (int attempts = 1;; ++attempts) {
            typename Traits::filter everything;
            auto const there =
                co_await where_.list_all(everything, options().call(), options().concurrency());
            if (!there) {
                fail(there.error());
                co_return;
            }
            auto failed = co_await remove_all(doubles_in(*there, comparison));
            if (!failed) co_return;
            if (attempts == max_attempts_at_doubles) {
                fail(std::move(*failed));
                co_return;
            }
        }
    }

    std::vector<identifier> doubles_in(std::vector<typename Traits::model> const& there,
                                       sync_comparison<Traits> const& comparison) const {
        std::unordered_set<std::uint32_t> kept;
        std::vector<identifier> doubles;
        for (auto const& each : there) {
            auto const number = comparison.find(each);
            if (!number || !is_as_created(each, *number)) continue;
            if (!kept.insert(*number).second) doubles.push_back(each.id);
        }
        return doubles;
    }

    /// What differs is not from here, whoever made it.
    bool is_as_created(typename Traits::model const& there, std::uint32_t number) const {
        auto const& entry = plan_.desired.entries[number];
        auto const created = owned_item(entry.item, options().owner());
        if constexpr (requires { created.comments(); }) {
            if (comments_of(there) != created.comments().value_or("")) return false;
        }
        return differing_fields(wire::fields_of<typename Traits::new_item>(), &created, entry.given,
                                wire::fields_of<typename Traits::model>(), &there) == 0;
    }

    boost::asio::awaitable<std::optional<error>> remove_all(std::vector<identifier> ids) {
        for (std::size_t begin = 0; begin < ids.size(); begin += options().batch_size()) {
            auto const end = std::min(ids.size(), begin + options().batch_size());
            typename collection<Traits>::batch_request request;
            for (auto i = begin; i != end; ++i) request.remove(ids[i]);
            auto answer = co_await where_.batch(std::move(request), options().call());
            if (!answer) co_return answer.error();
            tell();
        }
        co_return std::nullopt;
    }

    typename collection<Traits>::batch_request build(work_items const& items) const {
        typename collection<Traits>::batch_request request;
        for (auto const& each : items) {
            switch (each.kind) {
                case work_kind::remove:
                    request.remove(plan_.removals[each.index].id);
                    break;
                case work_kind::update:
                    request.edit(plan_.updates[each.index].id,
                                 make_patch<Traits>(plan_.updates[each.index],
                                                    plan_.desired.entries[entry_of(each)].item));
                    break;
                case work_kind::create:
                    request.create(
                        owned_item(plan_.desired.entries[entry_of(each)].item, options().owner()));
                    break;
            }
        }
        return request;
    }

    std::uint32_t entry_of(work_item const& each) const override {
        return each.kind == work_kind::create ? plan_.creates[each.index]
                                              : plan_.updates[each.index].entry;
    }

    rejection describe(work_item const& each) const override {
        rejection about;
        if (each.kind == work_kind::remove) {
            about.pattern = plan_.removals[each.index].pattern;
        } else {
            auto const& entry = plan_.desired.entries[entry_of(each)];
            about.line = entry.line;
            about.pattern = entry.item.pattern();
        }
        return about;
    }

    void tell() {
        if (!options().on_progress()) return;
        auto now = progress();
        now.requests = clock_.requests();
        now.quota = where_.client().quota();
        options().on_progress()(now);
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
/// is certainly done. To complete it, sync again.
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
    if (failed) {
        auto& report = made.report;
        report.left = std::exchange(report.created, 0) + std::exchange(report.updated, 0) +
                      std::exchange(report.deleted, 0);
        report.failure = std::move(failed);
        co_return std::move(report);
    }
    auto application = apply(std::move(where), std::move(made), std::move(options));
    co_return co_await std::move(application);
}

}  // namespace cloudflare::email_security
