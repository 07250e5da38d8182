#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/sync/syncable.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The sync itself, compiled once for all collections.
namespace cloudflare::inline v0::email_security {

struct sync_changes;
struct sync_report;
class sync_options;
struct planned_update;
struct plan_header;
enum class plan_check;
class sync_journal;

/// What becomes of a plan.
enum class plan_use {
    kept,        ///< it may be saved, and says what it saw
    applied_now  ///< it is applied at once, and nobody else sees it
};

/// What `make_plan` does; what the references are to must outlive the call.
CLOUDFLARE_EXPORT boost::asio::awaitable<std::optional<error>> make_changes(
    sync_target where, feed_view const& desired, sync_options const& options, sync_changes& made,
    plan_use use);
/// What `apply`, `sync` and `apply_saved` do.
CLOUDFLARE_EXPORT boost::asio::awaitable<sync_report> apply_changes(
    sync_target where, std::unique_ptr<feed_view> desired, sync_changes changes,
    sync_options options);
CLOUDFLARE_EXPORT boost::asio::awaitable<sync_report> sync_feed(sync_target where,
                                                                std::unique_ptr<feed_view> desired,
                                                                sync_options options);
CLOUDFLARE_EXPORT boost::asio::awaitable<sync_report> apply_saved_changes(
    sync_target where, std::unique_ptr<feed_view> desired, sync_changes changes, plan_header header,
    sync_options options, plan_check how);

/// Where the API is, in the one form that plans and journals have.
CLOUDFLARE_EXPORT std::string base_url_of(client const& which);

/// What `load_journal` does.
CLOUDFLARE_EXPORT result<sync_journal> read_journal(sync_type const& of,
                                                    std::filesystem::path const& path);
/// What `journal_of` does.
CLOUDFLARE_EXPORT result<sync_journal> journal_of_plan(sync_type const& of,
                                                       feed_view const& desired,
                                                       sync_changes const& changes,
                                                       plan_header const& header);
/// What `plan_undo` does; what it is to bring back goes into the entries, which are empty.
CLOUDFLARE_EXPORT boost::asio::awaitable<std::optional<error>> make_undo(sync_target where,
                                                                         sync_journal of,
                                                                         feed_receiver& entries,
                                                                         sync_options options,
                                                                         sync_changes& made);

/// The pattern of an entry that is edited, and its line, which is 0 of what left the feed.
CLOUDFLARE_EXPORT std::string pattern_of(planned_update const& update, feed_view const& feed);
CLOUDFLARE_EXPORT std::int64_t line_of(planned_update const& update, feed_view const& feed);

/// What `make_patch` makes.
CLOUDFLARE_EXPORT cloudflare::detail::any_object make_patch(sync_type const& of,
                                                            planned_update const& update,
                                                            void const* wanted);
/// What an update of a plan for this feed sets.
CLOUDFLARE_EXPORT cloudflare::detail::any_object sent_patch(sync_type const& of,
                                                            sync_changes const& plan,
                                                            planned_update const& update,
                                                            feed_view const& feed);

/// What `save_plan` and `load_plan` do.
CLOUDFLARE_EXPORT void write_plan(std::ostream& out, sync_target const& where,
                                  feed_view const& desired, sync_changes const& changes,
                                  sync_options const& options);
struct restored_plan {
    sync_type const& type;
    feed_receiver& entries;
    feed_view const& desired;  ///< of the same entries
    sync_changes& changes;
    plan_header& header;
};
/// What a saved plan begins with, whatever collection it is for.
CLOUDFLARE_EXPORT result<plan_header> read_plan_header(std::istream& in);
/// Whether a file that begins like this is a saved plan.
CLOUDFLARE_EXPORT bool looks_like_plan(std::string_view begin) noexcept;
CLOUDFLARE_EXPORT std::optional<error> read_plan(std::istream& in, restored_plan const& into);
CLOUDFLARE_EXPORT std::optional<error> read_plan(std::filesystem::path const& path,
                                                 restored_plan const& into);

}  // namespace cloudflare::inline v0::email_security
