#include "sync_runs.hpp"

#include "output.hpp"
#include "sync_lease.hpp"
#include "sync_lock.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>

namespace cfes {

es::sync_target target_in(session const& with, es::sync_type const& type) {
    return {collection_in(with, *type.collection), &type};
}

int finish_report(session& with, output_files const& files, std::vector<std::string> const& parts,
                  std::string const& text) {
    auto const document = join_objects(parts);
    bool const written = write_report(files, document);
    bool const printed = print(with.output() == output_form::json ? document : text);
    return written && printed ? done : failed;
}

namespace {

/// Ends a run for which there is no lock.
int finish_without_lock(session& with, sync_run const& run, lock_attempt const& attempt) {
    complain(attempt.failure);
    std::vector<std::string> const parts{to_object(es::sync_report{}),
                                         failure_object(attempt.failure)};
    finish_report(with, run.files, parts, "");
    return attempt.is_held ? try_later : failed;
}

asio::awaitable<lock_attempt> take_lock_of(session const& with, sync_run const& run,
                                           std::string const& owner) {
    std::string const collection{run.type.collection->name};
    auto const path = *run.state.locks / lock_name(collection, es::base_url_of(with.client()),
                                                   with.account_id(), owner);
    std::function<void(std::string const&)> const on_wait = [](std::string const& holder) {
        complain("waiting for another sync of this list and owner, " + holder);
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
    display.emplace(run.progress, options, with.client());
    auto const show_progress = [&display](es::sync_progress const& now) { display->show(now); };
    options.on_progress(show_progress);
    auto work = begin(std::move(options));
    auto const report = co_await std::move(work);
    display.reset();
    if (leased.lease) {
        // Also where the sync was cancelled.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto giving_back = leased.lease->release();
        co_await std::move(giving_back);
    }
    std::vector<std::string> parts{to_object(report)};
    if (run.notes) parts.push_back(cf::wire::to_json(*run.notes));
    auto text = run.notes ? show_reading(*run.notes) : std::string{};
    text += show_report(report, run.source);
    if (run.state.journal && !run.state.journal->path().empty()) {
        auto const& path = run.state.journal->path();
        parts.push_back("{\"journal\":" + cf::wire::to_json(path) + '}');
        text += to_line("journal: " + path) + '\n';
    }
    if (report.failure) parts.push_back(failure_object(plain_message(*report.failure)));
    print_complaints(report);
    if (run.notes) print_notes(*run.notes);
    if (report.failure) complain(*report.failure);
    auto const ended = finish_report(with, run.files, parts, text);
    if (ended != done || report.failure) co_return failed;
    co_return report.rejected.empty() ? done : done_in_part;
}

}  // namespace cfes
