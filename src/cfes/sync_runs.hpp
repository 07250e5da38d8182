#pragma once

#include "collection_commands.hpp"
#include "exit_status.hpp"
#include "feed_notes.hpp"
#include "feed_options.hpp"
#include "journal_options.hpp"
#include "progress.hpp"
#include "sync_question.hpp"

#include <cloudflare/detail/sync/engine.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// How a command that syncs runs: under a lock, with a journal, and with a report at the end.
namespace cfes {

es::sync_target target_in(session const& with, es::sync_type const& type);

/// Ends a command with the parts of its report, one of which may be why it failed.
int finish_report(output_form form, output_files const& files,
                  std::vector<std::string> const& parts, std::string const& text);

/// A plan, and what else is told of it.
struct told_plan {
    es::sync_type const& of;
    es::feed_view const& desired;
    es::sync_changes const& plan;
    std::string place;      ///< where it is for, as `account 0123…, profile prod`
    std::string refusal{};  ///< why a sync would not do it; empty: it would
};

/// The same of a plan, whose changes are rows where the form asks for rows.
int finish_plan(output_form form, row_options const& rows, output_files const& files,
                std::vector<std::string> parts, std::string const& text, told_plan const& what);

/// A collection as people write it: `block-senders`.
std::string title_of(es::sync_type const& of);
/// `{"account_id":…}`, and what else is known of where a run works.
std::string place_part(session const& with);
/// The same for people, as a line.
std::string show_place(session const& with);

/// @throws usage_error in a form that has rows only, which a report has not.
void require_report_form(output_form form);

struct sync_run {
    es::sync_type const& type;
    progress_form progress;
    output_files files;
    kept_state state;
    /// Of the feed; null where there is none.
    std::shared_ptr<feed_notes const> notes{};
    /// What says how the list is to be.
    std::string_view source = "feed";
    /// What the next run must be given to do the rest, when this one is interrupted.
    std::string resumed_by = " again to do the rest";
    exit_choice ending{};
    /// Where it asks; null where it does not.
    std::shared_ptr<sync_dialogue const> dialogue{};
};

/// Begins a sync, which may ask while the display pauses.
using sync_begin =
    std::function<asio::awaitable<es::sync_report>(es::sync_options, progress_display&)>;

/// Takes the lock of the list and the owner, awaits a sync that `begin` begins, and tells what it
/// did; the exit status.
asio::awaitable<int> report_sync(session& with, sync_run run, es::sync_options options,
                                 sync_begin begin);

}  // namespace cfes
