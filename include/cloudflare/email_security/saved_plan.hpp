#pragma once

#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>

/// Plans as files: made and looked at now, applied later, if the list is still as it was.
///
/// The file is one JSON object, UTF-8, with a change a line:
///
///     format      "cloudflare-email-security-plan"
///     version     1; a reader refuses what it does not know
///     collection  the collection's name in the API's paths, "block_senders" for one
///     base_url    the API, or what stood in for it
///     account_id  the account
///     owner       whom to mark as the owner of what is created; "" for nobody
///     made_at     RFC 3339, UTC
///     desired, current, unchanged, waiting, expired   counts, as in `sync_report`
///     creates     [{"line":…, "item":{…}, "until":…}]: the feed's line, the new item in the API's
///                   fields, and the last day on which the feed wants it, if there is one
///     updates     [{"line":…, "id":…, "item":{…}, "set":{…}, "comments":…, "seen":…, "until":…}]:
///                   the item as it is to be, and the fields to set for that; the comments that
///                   were there. Where only the owner's mark is added, the entry is shared
///     departures  [{"id":…, "pattern":…, "comments":…, "new_comments":…, "seen":…}]: entries that
///                   left the feed and stay, without the owner's mark or with the date of that
///     deletes     [{"id":…, "pattern":…, "seen":…, "kept":…}]: `kept`, where it is not the feed
///                   that lacks it, is the entry of the same natural key that stays
///     left_alone  [{"line":…, "pattern":…, "id":…, "reason":…}]: as in `sync_report`
///     before, in updates, departures and deletes: the entry that was there, in the API's fields;
///                   to be read, and for `journal_of`; may be missing
///     rejected    [{"line":…, "pattern":…, "reason":…}]: what the feed has and no change is for
///
/// `seen` is a hash of the entry that was there (FNV-1a, 64 bits, of what can be changed of it, as
/// JSON), in hexadecimal digits. There is no secret
/// in it, but all patterns and comments.
namespace cloudflare::inline v0::email_security {

/// What a saved plan begins with.
struct plan_header {
    std::string format;                ///< `cloudflare-email-security-plan`
    std::int64_t version = 0;          ///< of the form
    std::string collection;            ///< the collection's name in the API's paths
    std::string base_url;              ///< where the API was
    std::string account_id;            ///< whose list it is
    std::string owner;                 ///< whose marks are set; empty: nobody's
    std::optional<timestamp> made_at;  ///< when it was made
    std::int64_t desired = 0;          ///< as of `sync_report`
    std::int64_t current = 0;          ///< as of `sync_report`
    std::int64_t unchanged = 0;        ///< as of `sync_report`
    std::int64_t waiting = 0;          ///< as of `sync_report`
    std::int64_t expired = 0;          ///< as of `sync_report`
};
BOOST_DESCRIBE_STRUCT(plan_header, (),
                      (format, version, collection, base_url, account_id, owner, made_at, desired,
                       current, unchanged, waiting, expired))

/// A plan that was read from a file.
template <class Traits>
struct saved_plan {
    saved_plan() noexcept {}

    plan_header header;  ///< what the file begins with
    /// Its feed has the entries only that are created or updated.
    sync_plan<Traits> plan;
};

/// Writes a plan that `plan` made for this collection with these options; one of `plan_undo` cannot
/// be saved. The stream says whether it could be written.
template <class Traits>
void save_plan(std::ostream& out, sync_plan<Traits> const& plan, collection<Traits> const& where,
               sync_options const& options) {
    typed_feed_view<Traits> const desired{plan.desired};
    write_plan(out, sync_target_of(where), desired, plan, options);
}

/// Reads a plan from a stream or a file.
///
/// Errors: `errc::invalid_argument` when it cannot be read, is not a plan of a version that is
/// known, is for another collection, or has a change that cannot be made.
template <class Traits, class Source>
result<saved_plan<Traits>> load_plan(Source&& from) {
    saved_plan<Traits> made;
    feed_collector<Traits> entries{made.plan.desired, {}};
    typed_feed_view<Traits> const view{made.plan.desired};
    restored_plan const into{sync_type_of<Traits>(), entries, view, made.plan, made.header};
    if (auto const failed = read_plan(from, into)) return *failed;
    return made;
}

/// What `plan_undo` takes, to bring back what was there before a saved plan was applied. Of a plan
/// nobody knows which of its changes were made, or what the entries are that it created: the list
/// tells, as it does of a journal's changes whose answers nobody saw.
///
/// Errors: `errc::invalid_argument` when what the plan says of a change cannot be in a journal.
template <class Traits>
result<sync_journal> journal_of(saved_plan<Traits> const& saved) {
    typed_feed_view<Traits> const desired{saved.plan.desired};
    return journal_of_plan(sync_type_of<Traits>(), desired, saved.plan, saved.header);
}

/// What may have changed since the plan was made.
enum class plan_check {
    exact,   ///< nothing of what the plan changes
    resume,  ///< besides, parts of the plan may be done already, as after an interruption
};

/// Reads the list, and applies a saved plan if what it changes is still as it was: what is to be
/// created is not there, what is to be updated or deleted is there as it was. Otherwise nothing is
/// changed, and `sync_report::failure` is an `errc::conflict`. With `plan_check::resume`, what is
/// there just as the plan wants it counts as unchanged. A plan that was made for another account,
/// or at another base URL, is `errc::invalid_argument`.
///
/// The owner is the plan's; of the options, owner, prune and its limits do not count, as the plan
/// was made under them.
///
/// Permissions, other errors, cancellation: as `plan` and `apply`.
template <class Traits>
boost::asio::awaitable<sync_report> apply_saved(collection<Traits> where, saved_plan<Traits> saved,
                                                sync_options options = {},
                                                plan_check how = plan_check::exact) {
    return apply_saved_changes(sync_target_of(where), keep_feed(std::move(saved.plan.desired)),
                               std::move(saved.plan), std::move(saved.header), std::move(options),
                               how);
}

}  // namespace cloudflare::inline v0::email_security
