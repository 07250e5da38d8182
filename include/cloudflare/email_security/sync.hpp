#pragma once

#include <cloudflare/call_options.hpp>
#include <cloudflare/client.hpp>
#include <cloudflare/detail/callable.hpp>
#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/sync/engine.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/identifier.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// Brings a collection (block senders, allow policies: any that is `syncable`) to the state that a
/// feed describes, with as few requests as the API's limits allow.
namespace cloudflare::inline v0::email_security {

class journal_sink;

/// What a sync is at.
enum class sync_phase {
    reading,   ///< the list, to see what there is to do
    changing,  ///< sends batches
    settling,  ///< reads the list again, as the outcome of batches is unknown
};

/// How far a plan or a sync is.
struct sync_progress {
    sync_phase phase = sync_phase::changing;  ///< what it is at
    std::int64_t read = 0;     ///< entries, in this reading of the list
    std::int64_t to_read = 0;  ///< entries that it has; 0 until the first page tells
    std::int64_t done = 0;     ///< changes done or refused
    std::int64_t unknown =
        0;  ///< changes that were sent, and it is not known yet whether they are done
    std::int64_t total = 0;     ///< changes; 0 until the list was read
    std::int64_t requests = 0;  ///< sent since the start, reads and retries included
    quota_snapshot quota;       ///< what is known of it
};

/// Receives how far it is.
using progress_hook = std::function<void(sync_progress const&)>;

/// An entry of the list that has the same natural key as another one, which the feed has too.
struct duplicate {
    std::int64_t line = 0;  ///< of the feed
    std::string pattern;    ///< in canonical form
    identifier id;          ///< of the entry
    identifier other_id;      ///< of the entry that stays in any case
    bool is_surplus = false;  ///< whether a sync deletes it, see `sync_options::keep_duplicates`
};
BOOST_DESCRIBE_STRUCT(duplicate, (), (line, pattern, id, other_id, is_surplus))

/// An entry that differs from what the feed wants of it, and that a sync does not change, as it is
/// a person's or another owner's too.
struct left_entry {
    std::int64_t line = 0;  ///< of the feed
    std::string pattern;    ///< in canonical form
    identifier id;          ///< of the entry
    std::string reason;  ///< which fields differ, and whose it is
};
BOOST_DESCRIBE_STRUCT(left_entry, (), (line, pattern, id, reason))

/// What a sync found and did; in a plan, what it would do.
///
/// Each entry of the feed is in one of `created`, `updated`, `shared`, `unchanged`, `left_alone`,
/// `expired` and `rejected`, or not done yet; each entry that is not in it, and changes, in one of
/// `deleted`, `unmarked` and `retired`.
struct sync_report {
    sync_report() noexcept {}

    std::int64_t desired = 0;  ///< entries in the feed, without repetitions and bad lines
    std::int64_t current = 0;  ///< entries that were there
    std::int64_t created = 0;  ///< entries that were not there
    std::int64_t updated = 0;  ///< entries that were there otherwise
    std::int64_t deleted = 0;    ///< pruned, and surplus duplicates
    std::int64_t unchanged = 0;  ///< entries of the feed that were there as wanted
    std::int64_t shared = 0;     ///< there as wanted, and now marked as this owner's too
    std::int64_t unmarked = 0;   ///< left the feed, and stay without this owner's mark
    std::int64_t retired = 0;    ///< left the feed, and marked with the date of it
    std::int64_t waiting = 0;    ///< left the feed before, and their days are not over
    std::int64_t expired = 0;    ///< of the feed, but not wanted any more by its own dates
    std::vector<left_entry> left_alone;  ///< what differs and stays
    std::vector<rejection> rejected;     ///< of the feed, or by the API
    std::int64_t requests = 0;  ///< that it sent, retries included
    std::int64_t retries = 0;   ///< of the requests, how many repeated an earlier one
    std::int64_t elapsed_ms = 0;        ///< from its beginning to its end
    std::vector<duplicate> duplicates;  ///< as the list was when it was read at first

    /// Why it stopped early; empty when it came to its end.
    std::optional<error> failure;
    /// Changes that were sent, and may be done or not: the answer is lost, and the list was not
    /// read again.
    std::int64_t unknown = 0;
    /// Changes that are not done.
    std::int64_t left = 0;
    /// Of the requests, how many waited for the quota.
    std::int64_t throttled = 0;

    // As JSON, `failure` is an object with `code` (the name of the `errc`), `message`, `outcome`
    // and, where there was an answer, `status`.
    BOOST_DESCRIBE_CLASS(sync_report, (),
                         (desired, current, created, updated, deleted, unchanged, shared, unmarked,
                          retired, waiting, expired, left_alone, rejected, requests, retries,
                          elapsed_ms, duplicates, failure, unknown, left, throttled),
                         (), ())
};

/// How to sync.
class CLOUDFLARE_EXPORT sync_options {
public:
    sync_options() noexcept {}

    /// Marks what is created as this owner's, by `[owner:NAME]` in the comments: 1 to 64 letters,
    /// digits, `.`, `_`, `-`. It counts only at their end; the text in front may be edited by hand.
    /// An entry that another owner has marked, and that is as wanted, gets this mark too. What
    /// people made, or wrote in front of the marks, is never overwritten or deleted; entries
    /// without a mark are not taken over. `docs/owners.md` has the whole rule. Default: no mark,
    /// and the sync edits what has none.
    sync_options& owner(std::string value) {
        owner_ = std::move(value);
        return *this;
    }
    /// Takes the owner's mark off what is not in the feed, and deletes with the last mark; what a
    /// rejected line names stays, and everything if the feed is incomplete. Needs an owner; default
    /// false.
    sync_options& prune(bool value) {
        prune_ = value;
        return *this;
    }
    /// Lets an entry that left the feed stay for so many days: it is marked with the day on which
    /// that was found, `[gone:DATE]`, which comes off when it returns, and goes when they are over,
    /// with `prune`. Days are those of the API's clock, UTC. Needs an owner; default: it goes at
    /// once.
    sync_options& keep_days(std::optional<int> value) {
        keep_days_ = value;
        return *this;
    }
    /// Deleting a larger share of the owner's entries is refused, but three may always go; 0 to
    /// 100, default 30.
    sync_options& max_delete_percent(int value) {
        max_delete_percent_ = value;
        return *this;
    }
    /// Deleting more entries is refused; default: no such limit.
    sync_options& max_delete(std::optional<std::int64_t> value) {
        max_delete_ = value;
        return *this;
    }
    /// Creating more entries is refused; default: no such limit.
    sync_options& max_create(std::optional<std::int64_t> value) {
        max_create_ = value;
        return *this;
    }
    /// A feed of fewer entries is refused; default 0.
    sync_options& min_entries(std::int64_t value) {
        min_entries_ = value;
        return *this;
    }
    /// A feed of which a larger share of the records is rejected, and at least ten, is refused;
    /// 0 to 100, default 10.
    sync_options& max_rejected_percent(int value) {
        max_rejected_percent_ = value;
        return *this;
    }
    /// Lets a feed without entries prune; default false. `feed_options` must allow it too.
    sync_options& allow_empty(bool value) {
        allow_empty_ = value;
        return *this;
    }
    /// Lets a feed prune whose last line has no end, and may have been cut; default false.
    sync_options& allow_cut(bool value) {
        allow_cut_ = value;
        return *this;
    }
    /// Lets all entries stay whose natural key another one has too. Otherwise, of those that are
    /// just as this sync would create them, or with `prune` the owner's, all but one are deleted:
    /// what an interrupted sync may leave where the API accepts duplicates. As what they match
    /// stays listed, `max_delete_percent` does not count them. Only what the feed has is looked at.
    /// Default false.
    sync_options& keep_duplicates(bool value) {
        keep_duplicates_ = value;
        return *this;
    }
    /// Changes of each kind in one request; 1 to 1000, default 1000.
    sync_options& batch_size(std::size_t value) {
        batch_size_ = value;
        return *this;
    }
    /// Requests in flight; default 4, at least 1.
    sync_options& concurrency(std::size_t value) {
        concurrency_ = value;
        return *this;
    }
    /// Called when the reading of a list begins and after each of its pages, when the changes are
    /// known, after the answer to each batch, and when batches were settled. On the strand that
    /// the sync runs on; must not throw.
    sync_options& on_progress(progress_hook value) {
        on_progress_ = std::move(value);
        return *this;
    }
    /// Of a temporary with captures GCC 12 takes it only as a statement of its own.
    template <std::convertible_to<progress_hook> Hook>
    requires(!std::same_as<std::remove_cvref_t<Hook>, progress_hook>)
        cloudflare::detail::setter_result<sync_options, Hook> on_progress(Hook&& value) {
        on_progress_ = std::forward<Hook>(value);
        if constexpr (!cloudflare::detail::is_destroyed_twice<Hook>())
            return *this;
        else
            return {};
    }
    /// Writes down there what it is going to change, before, and what became of it; see
    /// `journal.hpp`. A sync that changes nothing writes nothing. Default: no journal.
    sync_options& journal(std::shared_ptr<journal_sink> value) {
        journal_ = std::move(value);
        return *this;
    }
    /// For each request.
    sync_options& call(call_options value) {
        call_ = std::move(value);
        return *this;
    }

    std::string const& owner() const noexcept { return owner_; }
    bool prune() const noexcept { return prune_; }
    std::optional<int> keep_days() const noexcept { return keep_days_; }
    int max_delete_percent() const noexcept { return max_delete_percent_; }
    std::optional<std::int64_t> max_delete() const noexcept { return max_delete_; }
    std::optional<std::int64_t> max_create() const noexcept { return max_create_; }
    std::int64_t min_entries() const noexcept { return min_entries_; }
    int max_rejected_percent() const noexcept { return max_rejected_percent_; }
    bool allow_empty() const noexcept { return allow_empty_; }
    bool allow_cut() const noexcept { return allow_cut_; }
    bool keep_duplicates() const noexcept { return keep_duplicates_; }
    std::size_t batch_size() const noexcept { return batch_size_; }
    std::size_t concurrency() const noexcept { return concurrency_; }
    progress_hook const& on_progress() const noexcept { return on_progress_; }
    std::shared_ptr<journal_sink> const& journal() const noexcept { return journal_; }
    call_options const& call() const noexcept { return call_; }

    /// `errc::invalid_argument`, naming the option.
    result<void> validate() const;

private:
    std::string owner_;
    bool prune_ = false;
    std::optional<int> keep_days_;
    int max_delete_percent_ = 30;
    std::optional<std::int64_t> max_delete_;
    std::optional<std::int64_t> max_create_;
    std::int64_t min_entries_ = 0;
    int max_rejected_percent_ = 10;
    bool allow_empty_ = false;
    bool allow_cut_ = false;
    bool keep_duplicates_ = false;
    std::size_t batch_size_ = 1000;
    std::size_t concurrency_ = 4;
    progress_hook on_progress_;
    std::shared_ptr<journal_sink> journal_;
    call_options call_;
};

/// Comments without the marks of owners: what a person or a feed wrote.
CLOUDFLARE_EXPORT std::string without_owners(std::string_view comments);

/// Why a feed must not change anything, as it is hardly what was meant; the reason names the option
/// that lifts the guard. `entries` is how many it has. A plan and a sync ask the same.
CLOUDFLARE_EXPORT std::optional<error> check_feed(feed_facts const& of, std::size_t entries,
                                                  sync_options const& options);

/// What an edit is for.
enum class edit_purpose : std::uint8_t {
    update,  ///< makes an entry as the feed wants it
    share,   ///< adds the owner's mark to one that is as wanted, and another owner's
    retire,  ///< marks one that left the feed with the date of that
    unmark,  ///< takes the owner's mark off one that left the feed
};

/// An entry that is there and is to be edited.
struct planned_update {
    static constexpr auto no_entry = std::numeric_limits<std::uint32_t>::max();  ///< for `entry`

    edit_purpose purpose = edit_purpose::update;  ///< what it is for
    std::uint32_t entry =
        no_entry;              ///< in `sync_plan::desired.entries`; none of what left the feed
    identifier id;             ///< of the entry that is there
    std::string pattern{};     ///< where the feed does not have it
    std::uint32_t fields = 0;  ///< what is set, one bit each as in `feed_entry::given`
    std::string comments;      ///< that it has now
    std::optional<std::string> new_comments{};  ///< that it gets
    std::uint64_t seen = 0;                     ///< a hash of all that can be changed of it
    std::string before{};                       ///< the whole entry as JSON, for a journal
};

/// An entry that is there, is the owner's and is not in the feed; or one that another one with the
/// same natural key makes superfluous.
struct planned_removal {
    identifier id;           ///< of the entry that goes
    std::string pattern;     ///< of the entry that goes
    std::uint64_t seen = 0;  ///< a hash of all that can be changed of it
    identifier kept;         ///< the other one; empty when it is to be pruned
    std::string before{};    ///< the whole entry as JSON, for a journal; empty when it is not known
};

/// The changes of a plan.
struct sync_changes {
    sync_changes() noexcept {}

    std::vector<std::uint32_t> creates;  ///< in `sync_plan::desired.entries`
    std::vector<planned_update> updates;    ///< entries to edit
    std::vector<planned_removal> removals;  ///< entries to delete
    /// Whether entries are to be just as the items say, marks of owners included: so what was there
    /// is brought back. Otherwise marks are the options' business.
    bool is_exact = false;
    /// The library's own: by what it knows the entries that ended the list when it was read. It
    /// means nothing in another process.
    std::vector<std::size_t> last;
    /// The library's own: how many entries had the owner's mark when the list was read. Nothing
    /// where nobody counted.
    std::optional<std::int64_t> owned;
    /// What was found, and in `created`, `updated`, `deleted` what is to be done.
    sync_report report;

    bool is_empty() const noexcept {
        return creates.empty() && updates.empty() && removals.empty();
    }
};

/// What a sync would do.
template <class Traits>
struct sync_plan : sync_changes {
    sync_plan() noexcept {}

    feed<Traits> desired;  ///< what the feed wants
};

/// What an update sets. `wanted` is the feed's item; nothing of it is looked at where there is
/// none.
template <class Traits>
typename Traits::patch make_patch(planned_update const& update,
                                  typename Traits::new_item const& wanted) {
    return make_patch(sync_type_of<Traits>(), update, &wanted)
        .template as<typename Traits::patch>();
}

/// Fills an empty plan. What keeps it from that is the result; the report then says what was found
/// and what it took, and the plan must not be applied.
template <class Traits>
boost::asio::awaitable<std::optional<error>> make_plan(collection<Traits> where,
                                                       feed<Traits> desired,
                                                       sync_options const& options,
                                                       sync_plan<Traits>& made) {
    made.desired = std::move(desired);
    typed_feed_view<Traits> const view{made.desired};
    auto making = make_changes(sync_target_of(where), view, options, made, plan_use::kept);
    co_return co_await std::move(making);
}

/// Reads the collection and says what a sync would do; writes nothing. The time is linear in the
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
    auto making = make_plan(std::move(where), std::move(desired), options, made);
    auto failed = co_await std::move(making);
    if (failed) co_return std::move(*failed);
    co_return std::move(made);
}

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
/// Cancellation (all types): no more is begun, what is in flight is cut off; the report says what
/// is done, what is unknown, as its answer did not come, and what is left. To complete it, sync
/// again.
template <class Traits>
boost::asio::awaitable<sync_report> apply(collection<Traits> where, sync_plan<Traits> plan,
                                          sync_options options = {}) {
    return apply_changes(sync_target_of(where), keep_feed(std::move(plan.desired)), std::move(plan),
                         std::move(options));
}

/// Plans and applies. What keeps it from planning is in `sync_report::failure` too.
///
/// Permission, cancellation: as `plan` and `apply`. Syncing what is there already writes nothing.
template <class Traits>
boost::asio::awaitable<sync_report> sync(collection<Traits> where, feed<Traits> desired,
                                         sync_options options = {}) {
    return sync_feed(sync_target_of(where), keep_feed(std::move(desired)), std::move(options));
}

/// What a sync takes, if it began now and nothing else used the quota.
struct sync_forecast {
    std::int64_t reads = 0;   ///< requests to read the list, a page each
    std::int64_t writes = 0;  ///< batches; more if a byte limit makes them smaller, or some are bad
    std::int64_t duration_ms = 0;  ///< all of it
    std::int64_t waiting_ms = 0;  ///< of it, waiting for the quota
    std::int64_t quota = 0;       ///< requests in a window; 0: unlimited
    std::int64_t quota_left = 0;  ///< requests that are left of it
};
BOOST_DESCRIBE_STRUCT(sync_forecast, (),
                      (reads, writes, duration_ms, waiting_ms, quota, quota_left))

/// The forecast for a plan that was made with these options, by its report: how long a request
/// takes is judged by how long those for the plan took, unless some of them waited for the quota:
/// then it is what `request_load` assumes.
CLOUDFLARE_EXPORT sync_forecast forecast_sync(sync_report const& planned, client const& with,
                                              sync_options const& options);

}  // namespace cloudflare::inline v0::email_security
