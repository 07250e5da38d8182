#pragma once

#include <cloudflare/collection.hpp>
#include <cloudflare/concurrent.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/fingerprint.hpp>
#include <cloudflare/email_security/pattern_index.hpp>
#include <cloudflare/email_security/sync_batches.hpp>
#include <cloudflare/email_security/sync_options.hpp>
#include <cloudflare/whole_list.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

/// Brings a collection (block senders, allow policies: any with patterns and batch) to the state
/// that a feed describes, with as few requests as the API's limits allow.
namespace cloudflare::email_security {

/// A collection that can be brought to the state of a feed: block senders, allow policies, trusted
/// domains, URL ignore patterns. Its entries are told apart by `pattern`, `pattern_type` and
/// `is_regex`, as far as it has them; its other fields are compared where the feed gives them.
template <class Traits>
concept syncable = has_batch<Traits> && !has_batch_of_deletes<Traits> &&
                   requires(typename Traits::new_item const& item) {
    item.pattern();
};

/// An entry that is there and differs from the feed.
struct planned_update {
    std::uint32_t entry = 0;   ///< in `sync_plan::desired.entries`
    identifier id;             ///< of the entry that is there
    std::uint32_t fields = 0;  ///< which fields differ, one bit each as in `feed_entry::given`
    std::string comments;      ///< that it has now
    std::uint64_t seen = 0;    ///< its `fingerprint_of`
};

/// An entry that is there, is the owner's and is not in the feed.
struct planned_removal {
    identifier id;
    std::string pattern;
    std::uint64_t seen = 0;  ///< its `fingerprint_of`
};

/// What a sync would do.
template <syncable Traits>
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

/// Finds the entry of a feed that describes one of the collection.
template <class Traits>
class feed_lookup {
public:
    using model = typename Traits::model;
    using item = typename Traits::new_item;
    using entries = std::vector<feed_entry<item>>;

    /// The entries must outlive it. Only those in `subset` are found.
    feed_lookup(entries const& all, std::vector<std::uint32_t> const& subset)
        : keys_{all}, index_{keys_} {
        index_.reserve(subset.size());
        for (auto const number : subset) index_.insert(number);
    }

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

private:
    entry_keys<item> keys_;
    pattern_index index_;
};

/// Compares what a feed wants with what a collection has, of which it keeps the differences only.
template <class Traits>
class sync_comparison : public list_visitor<typename Traits::model> {
public:
    using model = typename Traits::model;
    using item = typename Traits::new_item;
    using entries = std::vector<feed_entry<item>>;

    /// The entries must outlive it. Only those in `subset` are compared.
    sync_comparison(entries const& all, std::vector<std::uint32_t> subset)
        : all_{all}, subset_{std::move(subset)}, lookup_{all, subset_}, states_(all.size()) {}

    // What came of it, once the list was read.
    std::vector<planned_update> const& updates() const noexcept { return updates_; }
    /// The entries of the subset that are not there.
    std::vector<std::uint32_t> creates() const { return in_state(state::absent); }
    /// Those that are there as wanted.
    std::vector<std::uint32_t> unchanged() const { return in_state(state::as_wanted); }

    void restart() override {
        std::ranges::fill(states_, state::absent);
        updates_.clear();
    }
    void take(std::size_t, std::vector<model> there) override {
        for (auto& each : there) {
            auto const number = lookup_.find(each);
            if (number) compare(*number, each);
            visit(std::move(each), number.has_value());
        }
    }
    /// To be called when the list was read.
    void finish() {
        // Another one of the same key was as wanted.
        std::erase_if(updates_, [this](planned_update const& each) {
            return states_[each.entry] == state::as_wanted;
        });
    }

protected:
    ~sync_comparison() = default;

    /// Any entry that is there.
    virtual void visit(model there, bool is_described) = 0;

private:
    enum class state : std::uint8_t { absent, differs, as_wanted };

    std::vector<std::uint32_t> in_state(state wanted) const {
        std::vector<std::uint32_t> numbers;
        for (auto const number : subset_) {
            if (states_[number] == wanted) numbers.push_back(number);
        }
        return numbers;
    }

    void compare(std::uint32_t number, model const& there) {
        auto const& entry = all_[number];
        auto const differing = differing_fields(wire::fields_of<item>(), &entry.item, entry.given,
                                                wire::fields_of<model>(), &there);
        if (differing == 0) {
            states_[number] = state::as_wanted;
        } else if (states_[number] == state::absent) {
            // Of several that are the same, one is enough.
            states_[number] = state::differs;
            auto& update = updates_.emplace_back();
            update.entry = number;
            update.id = there.id;
            update.fields = differing;
            update.comments = comments_of(there);
            update.seen = fingerprint_of<Traits>(there);
        }
    }

    entries const& all_;
    std::vector<std::uint32_t> subset_;
    feed_lookup<Traits> lookup_;
    std::vector<state> states_;
    std::vector<planned_update> updates_;
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

/// The comparison that makes a plan.
template <class Traits>
class plan_comparison final : public sync_comparison<Traits> {
public:
    using model = typename Traits::model;

    /// The views must outlive it.
    plan_comparison(sync_plan<Traits>& plan, sync_options const& options)
        : sync_comparison<Traits>{plan.desired.entries, all_of(plan.desired.entries.size())},
          plan_{plan},
          options_{options} {}

    void restart() override {
        sync_comparison<Traits>::restart();
        plan_.removals.clear();
        current_ = owned_ = 0;
    }

    /// Makes the plan, once the list was read.
    std::optional<error> fill() {
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
        return check_removals(plan_.removals.size(), owned_, plan_.desired.entries.size(),
                              options_);
    }

private:
    static std::vector<std::uint32_t> all_of(std::size_t count) {
        std::vector<std::uint32_t> all(count);
        std::iota(all.begin(), all.end(), 0U);
        return all;
    }

    void visit(model there, bool is_described) override {
        ++current_;
        if (!options_.prune() || !is_owned_by(comments_of(there), options_.owner())) return;
        ++owned_;
        if (is_described || there.id.empty()) return;
        auto& removal = plan_.removals.emplace_back();
        removal.seen = fingerprint_of<Traits>(there);
        removal.id = std::move(there.id);
        removal.pattern = std::move(there.pattern).value_or("");
    }

    void refuse(std::uint32_t number, error const& why) {
        auto const& entry = plan_.desired.entries[number];
        rejection refused;
        refused.line = entry.line;
        refused.pattern = entry.item.pattern();
        refused.reason = why.detail();
        plan_.report.rejected.push_back(std::move(refused));
    }

    sync_plan<Traits>& plan_;
    sync_options const& options_;
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
    std::optional<error> failed;
    try {
        plan_comparison<Traits> comparison{made, options};
        typename Traits::filter everything;
        auto const read =
            co_await where.visit_all(comparison, everything, options.call(), options.concurrency());
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
    struct settlement final : sync_comparison<Traits> {
        settlement(std::vector<feed_entry<typename Traits::new_item>> const& all,
                   std::vector<std::uint32_t> subset, std::vector<identifier> const& removed)
            : sync_comparison<Traits>{all, std::move(subset)} {
            for (auto const& each : removed) to_remove.insert(each.text());
        }

        void restart() override {
            sync_comparison<Traits>::restart();
            removals.clear();
        }
        void visit(model there, bool) override {
            if (!to_remove.contains(there.id.text())) return;
            auto& removal = removals.emplace_back();
            removal.id = std::move(there.id);
            removal.pattern = std::move(there.pattern).value_or("");
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
                if (!number || !of.is_as_created(each, *number)) continue;
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
            typename Traits::filter everything;
            auto const read = co_await where_.visit_all(visitor, everything, options().call(),
                                                        options().concurrency());
            if (read) co_return true;
            if (attempts == max_reads || !may_pass(read.error())) {
                fail(read.error());
                co_return false;
            }
            co_await wait_for(where_.client().options().retry().backoff_cap());
        }
    }

    boost::asio::awaitable<void> run_rounds() {
        tell();
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
            tell();
        }
    }

    /// Reads the list again, and keeps of the unsettled changes those that are not there.
    boost::asio::awaitable<void> settle() {
        std::vector<std::uint32_t> subset;
        std::vector<identifier> removals;
        std::vector<bool> was_update(plan_.desired.entries.size());
        for (auto const& each : take_unsettled()) {
            if (each.kind == work_kind::remove) {
                removals.push_back(plan_.removals[each.index].id);
                continue;
            }
            auto const number = entry_of(each);
            was_update[number] = each.kind == work_kind::update;
            subset.push_back(number);
        }
        settlement now{plan_.desired.entries, std::move(subset), removals};
        if (!co_await read_list(now)) co_return;
        now.finish();
        for (auto const number : now.unchanged()) {
            count_settled(was_update[number] ? work_kind::update : work_kind::create, number);
        }
        for (auto gone = removals.size() - now.removals.size(); gone > 0; --gone) {
            count_settled(work_kind::remove, 0);
        }
        plan_.creates = now.creates();
        plan_.updates = now.updates();
        plan_.removals = std::move(now.removals);
        for (auto const number : plan_.creates) {
            if (is_doubtful(number)) sent_again_.push_back(number);
        }
        tell();
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

    /// What differs is not from here, whoever made it.
    bool is_as_created(model const& there, std::uint32_t number) const {
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

    std::size_t encoded_size(work_item const& each) const override {
        return wire::to_json(build({each})).size() - wire::to_json(build({})).size();
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
    if (failed) co_return unplanned(std::move(made.report), std::move(*failed));
    auto application = apply(std::move(where), std::move(made), std::move(options));
    co_return co_await std::move(application);
}

}  // namespace cloudflare::email_security
