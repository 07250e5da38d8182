#include "sync_runs.hpp"

#include "output.hpp"
#include "plan_output.hpp"
#include "sync_lease.hpp"
#include "sync_lock.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cfes {

es::sync_target target_in(session const& with, es::sync_type const& type) {
    return {collection_in(with, *type.collection), &type};
}

int finish_report(output_form form, output_files const& files,
                  std::vector<std::string> const& parts, std::string const& text) {
    auto const document = join_objects(parts);
    bool const written = write_report(files, document);
    bool const printed = print(is_document(form) ? to_shown_json(document, form) : text);
    return written && printed ? done : failed;
}

std::string title_of(es::sync_type const& of) {
    std::string title{of.collection->name};
    std::ranges::replace(title, '_', '-');
    return title;
}

namespace {

struct place_members {
    std::string account_id;
    std::optional<std::string> account_name;
    std::optional<std::string> profile;
    std::optional<bool> simulated;
};
BOOST_DESCRIBE_STRUCT(place_members, (), (account_id, account_name, profile, simulated))

/// What the rows of a plan do not tell.
std::string show_heading(told_plan const& what) {
    auto text = "### " + title_of(what.of) + ": " + show_summary(what.plan.report) + "\nIn " +
                to_line(what.place) + ".\n\n";
    if (!what.refusal.empty()) {
        text += "**A sync refuses this:** " + to_line(what.refusal) + "\n\n";
    }
    return text;
}

}  // namespace

std::string place_part(session const& with) {
    place_members made;
    made.account_id = with.account_id();
    auto const& name = with.access().account_name;
    if (!name.empty()) made.account_name = name;
    auto const& profile = with.access().profile;
    if (!profile.empty()) made.profile = profile;
    if (with.globals().simulate) made.simulated = true;
    return cf::wire::to_json(made);
}

std::string show_place(session const& with) {
    return to_line("in " + with.place()) + '\n';
}

int finish_plan(output_form form, row_options const& options, output_files const& files,
                std::vector<std::string> parts, std::string const& text, told_plan const& what) {
    // Whoever reads a million changes of a document has asked for it.
    if (form == output_form::json || files.report) {
        parts.insert(parts.begin() + 1, changes_object(what.of, what.desired, what.plan));
    }
    bool const has_rows = form != output_form::json && form != output_form::table;
    if (!has_rows) return finish_report(form, files, parts, text);
    bool const written = write_report(files, join_objects(parts));
    row_writer rows{form, options, plan_rows()};
    if (form == output_form::markdown) {
        if (!print(show_heading(what))) return failed;
        if (what.plan.is_empty()) return written ? done : failed;
    }
    add_changes(rows, what.of, what.desired, what.plan);
    auto const ended = rows.finish();
    auto summary = show_summary(what.plan.report);
    summary.pop_back();
    if (form != output_form::markdown) remark(summary + ", in " + what.place);
    return written ? ended : failed;
}

void require_report_form(output_form form) {
    if (is_document(form) || form == output_form::table || form == output_form::wide) return;
    throw usage_error("a report has no rows: --output can be table, json or jsonl");
}

namespace {

/// Ends a run for which there is no lock.
int finish_without_lock(session& with, sync_run const& run, lock_attempt const& attempt) {
    complain(attempt.failure);
    auto const status = attempt.is_held ? try_later : failed;
    std::vector<std::string> const parts{
        to_object(es::sync_report{}), place_part(with),
        failure_part(attempt.is_held ? "busy" : "lock_failed", attempt.failure, status)};
    finish_report(with.output(), run.files, parts, "");
    return status;
}

asio::awaitable<lock_attempt> take_lock_of(session const& with, sync_run const& run,
                                           std::string const& owner) {
    std::string const collection{run.type.collection->name};
    auto const path = *run.state.locks / lock_name(collection, es::base_url_of(with.client()),
                                                   with.account_id(), owner);
    std::function<void(std::string const&)> const on_wait = [](std::string const& holder) {
        note("waiting for another sync of this list and owner, " + holder);
    };
    auto work = take_lock(path, run.state.wait, on_wait);
    co_return co_await std::move(work);
}

asio::awaitable<lease_attempt> take_lease_of(session const& with, sync_run const& run,
                                             std::string const& owner) {
    std::string const collection{run.type.collection->name};
    auto name = lock_name(collection, es::base_url_of(with.client()), with.account_id(), owner);
    auto work = take_lease(*run.state.leases, std::move(name), run.state.wait);
    co_return co_await std::move(work);
}

}  // namespace

asio::awaitable<int> report_sync(session& with, sync_run run, es::sync_options options,
                                 sync_begin begin) {
    require_report_form(with.output());
    // Held until the report is out.
    lock_attempt held;
    if (run.state.locks) {
        auto taking = take_lock_of(with, run, options.owner());
        held = co_await std::move(taking);
        if (!held.lock) co_return finish_without_lock(with, run, held);
    }
    lease_attempt leased;
    if (run.state.leases) {
        auto taking = take_lease_of(with, run, options.owner());
        leased = co_await std::move(taking);
        if (!leased.lease) {
            held.failure = leased.failure;
            held.is_held = true;
            co_return finish_without_lock(with, run, held);
        }
    }
    std::shared_ptr<es::journal_sink> journal = run.state.journal;
    if (leased.lease) journal = std::make_shared<fenced_journal>(leased.lease, journal);
    options.journal(journal);
    std::optional<progress_display> display;
    display.emplace(with, run.progress, options);
    bool has_begun = false;
    auto const show_progress = [&](es::sync_progress const& now) {
        has_begun = has_begun || now.phase != es::sync_phase::reading;
        display->show(now);
    };
    options.on_progress(show_progress);
    auto work = begin(std::move(options), *display);
    auto const report = co_await std::move(work);
    display.reset();
    if (leased.lease) {
        // Also where the sync was cancelled.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto giving_back = leased.lease->release();
        co_await std::move(giving_back);
    }
    bool const is_list_known = knows_list(report, has_begun);
    std::vector<std::string> parts{to_object(report, is_list_known), place_part(with)};
    if (run.notes) parts.push_back(cf::wire::to_json(*run.notes));
    auto text = run.notes ? show_reading(*run.notes) : std::string{};
    text += show_report(report, run.source, is_list_known) + show_place(with);
    if (run.state.journal && !run.state.journal->path().empty()) {
        auto const& path = run.state.journal->path();
        parts.push_back("{\"journal\":" + cf::wire::to_json(path) + '}');
        text += to_line("journal: " + path) + '\n';
    }
    if (report.failure) parts.push_back(failure_part(with, *report.failure));
    bool const has_told = run.dialogue && run.dialogue->has_told;
    if (!has_told || report.rejected.size() != run.dialogue->rejected) print_complaints(report);
    if (run.notes && !has_told && !with.globals().quiet) print_notes(*run.notes);
    if (run.dialogue && run.dialogue->is_declined) {
        parts.push_back(failure_part("declined", "nothing was changed", failed));
        finish_report(with.output(), run.files, parts, "");
        co_return failed;
    }
    if (report.failure) {
        bool const is_cancelled = report.failure->code() == cf::errc::cancelled;
        complain(explain(with, *report.failure) +
                 (is_cancelled ? "; run the same command" + run.resumed_by : std::string{}));
    }
    auto const ended = finish_report(with.output(), run.files, parts, with.is_silent() ? "" : text);
    if (report.failure) co_return status_of_sync(*report.failure);
    if (ended != done) co_return ended;
    bool const has_changed = report.created + report.updated + report.deleted + report.shared +
                                 report.unmarked + report.retired >
                             0;
    co_return status_of_work(run.ending, has_changed, report.rejected.size());
}

}  // namespace cfes
