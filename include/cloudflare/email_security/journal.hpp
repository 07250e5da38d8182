#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What syncs change, written down so that it can be undone.
///
/// A journal is UTF-8, one JSON object a line. Everything that is going to be changed stands in it,
/// on stable storage, before the first request that changes anything; what became of a batch
/// follows once its answer is there. A process may end at any moment: a last line without its end
/// is not there.
///
///     {"format":"cloudflare-email-security-journal","version":1,"collection":…,"base_url":…,
///      "account_id":…,"owner":…,"operation":"sync", "apply" or "undo","began_at":…}
///     {"create":{…}}               the new item, as it is sent
///     {"update":{"id":…,"before":{…},"set":{…}}}     the whole entry that is there, without its
///                                  dates, and what is set of it
///     {"delete":{"id":…,"pattern":…,"before":{…}}}
///     {"planned":{"creates":…,"updates":…,"deletes":…}}   how many there were; then the first
///                                  request may be sent
///     {"sent":{"creates":[…],"updates":[…],"deletes":[…]}}   a batch; the numbers are those of the
///                                  lines above, from 0
///     {"done":{…,"ids":[…]}}       it was applied; the identifiers are those of what it created
///     {"refused":{…}}              it certainly was not
///     {"unknown":{…}}              nobody knows
///     {"ended":{"created":…,"updated":…,"deleted":…,"rejected":…,"unknown":…,"left":…,
///      "failure":…}}
///
/// Lines of changes may also come later, where the list proved to be another one than was planned
/// for. An entry that goes because another one is its double has `kept`, the identifier of that
/// one, and lacks `before` where nobody looked at the whole of it; one that a batch which was sent
/// twice made twice has `repeated`.
///
/// There is no secret in it, but all patterns and comments.
namespace cloudflare::inline v0::email_security {

/// Where a journal goes.
///
/// The functions are called on the strand that the sync runs on, and may block it: what they write
/// must be there before the sync goes on. When one fails, the sync sends nothing more.
class journal_sink {
public:
    journal_sink() = default;
    virtual ~journal_sink() = default;
    journal_sink(journal_sink const&) = delete;
    journal_sink& operator=(journal_sink const&) = delete;

    /// Appends whole lines.
    virtual result<void> append(std::string_view lines) = 0;
    /// Returns when all that was appended is on stable storage.
    virtual result<void> flush() = 0;
};

/// A journal of its own, in a new file of a directory, for its owner only.
class CLOUDFLARE_EXPORT journal_file final : public journal_sink {
public:
    /// The directory must be there. There is no file before something is appended.
    explicit journal_file(std::filesystem::path directory);
    ~journal_file() override;

    /// Errors: `errc::journal_failed`.
    result<void> append(std::string_view lines) override;
    result<void> flush() override;

    /// Empty when there is no file.
    std::string const& path() const noexcept { return path_; }

private:
    result<void> create();

    std::filesystem::path directory_;
    std::string path_;
    int file_ = -1;
    bool is_listed_ = false;  // whether the directory knows it for good
};

/// What a journal begins with.
struct journal_header {
    std::string format;                 ///< `cloudflare-email-security-journal`
    std::int64_t version = 0;           ///< of the form
    std::string collection;             ///< the collection's name in the API's paths
    std::string base_url;               ///< where the API was
    std::string account_id;             ///< whose list it is
    std::string owner;                  ///< whose marks were set; empty: nobody's
    std::string operation;              ///< `sync`, `apply` or `undo`
    std::optional<timestamp> began_at;  ///< when it was begun
};
BOOST_DESCRIBE_STRUCT(journal_header, (),
                      (format, version, collection, base_url, account_id, owner, operation,
                       began_at))

/// A journal in short.
struct journal_summary {
    std::optional<timestamp> began_at;  ///< as of `journal_header`
    std::string collection;             ///< the same
    std::string base_url;               ///< the same
    std::string account_id;             ///< the same
    std::string owner;                  ///< the same
    std::string operation;              ///< the same
    std::int64_t created = 0;           ///< entries that were created
    std::int64_t updated = 0;           ///< entries that were edited
    std::int64_t deleted = 0;           ///< entries that were deleted
    /// Changes that may be done or not.
    std::int64_t unknown = 0;
    /// Whether who wrote it came to an end, be it by a failure.
    bool has_ended = false;
    std::string path;  ///< where it is
};
BOOST_DESCRIBE_STRUCT(journal_summary, (),
                      (began_at, collection, base_url, account_id, owner, operation, created,
                       updated, deleted, unknown, has_ended, path))

/// The journals in a directory, the oldest first. What cannot be read as one is left out.
/// Errors: `errc::invalid_argument` when the directory cannot be read.
CLOUDFLARE_EXPORT result<std::vector<journal_summary>> list_journals(
    std::filesystem::path const& directory);

/// A journal that was read. Copies are cheap.
class CLOUDFLARE_EXPORT sync_journal {
public:
    struct content;
    /// For `load_journal`.
    explicit sync_journal(std::shared_ptr<content const> what) : what_{std::move(what)} {}

    /// What it begins with.
    journal_header const& header() const noexcept;
    /// How many changes it tells of.
    std::size_t size() const noexcept;
    /// All of it, for `plan_undo`.
    content const& all() const noexcept { return *what_; }

private:
    std::shared_ptr<content const> what_;
};

/// Reads a journal from a regular file.
///
/// Errors: `errc::invalid_argument` when it cannot be read, is not a journal of a version that is
/// known, is for another collection, or has a line that makes no sense.
template <class Traits>
result<sync_journal> load_journal(std::filesystem::path const& path) {
    return read_journal(sync_type_of<Traits>(), path);
}

/// Reads the list, and plans what brings back what was there before a journal was written: what was
/// deleted is created again, what was edited is edited back, what was created is deleted. `apply`
/// does it.
///
/// What somebody has changed since stays as it is, and is in `sync_report::rejected`, with the
/// reason. Whether a change whose answer nobody saw was done is told by what is there: an entry is
/// the one that was created, or edited, if it is the same as that would be. One of the same key
/// stands in for one whose identifier is gone, so that several journals can be undone, the last one
/// first. Of entries that were there twice, only one comes back. What is there already as it was
/// counts as unchanged; to undo twice does no harm.
///
/// Of the options, owner, prune and the guards do not count.
///
/// Permission: Cloud Email Security Read. Errors: as `plan`; `errc::invalid_argument` when the
/// journal is about another account, or another base URL. Cancellation: as `plan`.
template <class Traits>
boost::asio::awaitable<result<sync_plan<Traits>>> plan_undo(collection<Traits> where,
                                                            sync_journal of,
                                                            sync_options options = {}) {
    sync_plan<Traits> made;
    feed_collector<Traits> entries{made.desired, {}};
    auto making =
        make_undo(sync_target_of(where), std::move(of), entries, std::move(options), made);
    auto failed = co_await std::move(making);
    if (failed) co_return std::move(*failed);
    co_return std::move(made);
}

}  // namespace cloudflare::inline v0::email_security
