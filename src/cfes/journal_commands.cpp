#include "journal_commands.hpp"

#include "files.hpp"
#include "plan_output.hpp"
#include "state_directory.hpp"
#include "sync_runs.hpp"

#include <cloudflare/detail/sync/any_feed.hpp>
#include <cloudflare/detail/sync/engine.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cfes {

namespace {

struct undo_arguments {
    std::string path;
    bool plan = false;
    bool show_all = false;
    std::size_t batch_size = 1000;
    std::string report;
    progress_form progress = progress_form::automatic;
    journal_arguments journal;
};

/// What undoes a journal.
struct undo_plan {
    explicit undo_plan(es::sync_type const& of) : desired{std::make_unique<es::any_feed>(of)} {}

    std::unique_ptr<es::any_feed> desired;
    es::sync_changes changes;
};

asio::awaitable<std::optional<cf::error>> make_plan(es::sync_target where, es::sync_journal of,
                                                    es::sync_options options, undo_plan& made) {
    any_object const no_defaults{*where.type->collection->patch};
    es::any_feed::receiver entries{*made.desired, no_defaults};
    auto making =
        es::make_undo(std::move(where), std::move(of), entries, std::move(options), made.changes);
    co_return co_await std::move(making);
}

/// The plan that undoes a journal.
class journal_plan final : public plan_source {
public:
    /// The references must outlive it.
    journal_plan(session const& with, es::sync_type const& type, es::sync_journal const& of)
        : with_{with}, type_{type}, of_{of} {}

    asio::awaitable<std::optional<cf::error>> make(es::sync_options const& options,
                                                   es::sync_changes& made) override {
        made_ = std::make_unique<undo_plan>(type_);
        auto making = make_plan(target_in(with_, type_), of_, options, *made_);
        auto failed = co_await std::move(making);
        made = std::move(made_->changes);
        co_return failed;
    }
    es::feed_view const& desired() const override { return *made_->desired; }
    std::unique_ptr<es::feed_view> take_desired() override { return std::move(made_->desired); }

private:
    session const& with_;
    es::sync_type const& type_;
    es::sync_journal const& of_;
    std::unique_ptr<undo_plan> made_;
};

asio::awaitable<es::sync_report> undo(es::sync_target where, es::sync_journal of,
                                      es::sync_options options) {
    undo_plan made{*where.type};
    auto making = make_plan(where, std::move(of), options, made);
    auto failed = co_await std::move(making);
    if (failed) {
        made.changes.report.failure = std::move(*failed);
        co_return std::move(made.changes.report);
    }
    auto work = es::apply_changes(std::move(where), std::move(made.desired),
                                  std::move(made.changes), std::move(options));
    co_return co_await std::move(work);
}

/// What is to be undone: a journal, or a plan that was saved and may have been applied.
/// @throws usage_error when it is neither
es::sync_journal read_undone(es::sync_type const& type, std::string const& path) {
    auto const found = [&]() -> cf::result<es::sync_journal> {
        if (!is_saved_plan(path)) return es::read_journal(type, path);
        undo_plan saved{type};
        es::plan_header header;
        any_object const no_defaults{*type.collection->patch};
        es::any_feed::receiver entries{*saved.desired, no_defaults};
        auto failed =
            es::read_plan(path, {type, entries, *saved.desired, saved.changes, header});
        if (failed) return std::move(*failed);
        return es::journal_of_plan(type, *saved.desired, saved.changes, header);
    }();
    if (!found) throw usage_error(found.error().detail());
    return *found;
}

/// @throws usage_error when the journal is about another list.
void require_same_place(session const& with, undo_arguments const& given,
                        es::journal_header const& header) {
    if (header.account_id != with.account_id()) {
        throw usage_error(given.path + " is about the account " + header.account_id);
    }
    if (header.base_url != es::base_url_of(with.client())) {
        throw usage_error(given.path + " was made at " + header.base_url + ", and this is " +
                          es::base_url_of(with.client()));
    }
}

asio::awaitable<int> show_undo(session& with, es::sync_type const& type,
                               undo_arguments const& given, es::sync_journal of,
                               es::sync_options options, output_files files) {
    std::optional<progress_display> display;
    display.emplace(with, given.progress, options);
    options.on_progress([&display](es::sync_progress const& now) { display->show(now); });
    undo_plan made{type};
    auto making = make_plan(target_in(with, type), std::move(of), std::move(options), made);
    auto const failed_with = co_await std::move(making);
    display.reset();
    auto& report = made.changes.report;
    if (failed_with) report.failure = *failed_with;
    std::vector<std::string> parts{to_object(report, knows_list(report, false)), place_part(with)};
    print_complaints(report);
    if (failed_with) {
        complain(explain(with, *failed_with));
        parts.push_back(failure_part(with, *failed_with));
        finish_report(with.output(), files, parts, "");
        co_return status_of_sync(*failed_with);
    }
    auto text =
        show_changes(type, *made.desired, made.changes, given.show_all ? all_lines : few_lines) +
        show_place(with) + show_summary(report);
    if (with.is_silent()) text.clear();
    told_plan const told{type, *made.desired, made.changes, with.place()};
    auto const ended = finish_plan(with.output(), with.rows(), files, parts, text, told);
    if (ended != done) co_return ended;
    co_return report.rejected.empty() ? done : done_in_part;
}

asio::awaitable<int> run_undo(session& with, es::sync_type const& type,
                              std::shared_ptr<undo_arguments const> given, es::sync_journal of,
                              es::sync_options options, output_files files, kept_state state) {
    require_same_place(with, *given, of.header());
    if (given->plan) {
        auto showing = show_undo(with, type, *given, std::move(of), std::move(options), files);
        co_return co_await std::move(showing);
    }
    auto const dialogue = std::make_shared<sync_dialogue>();
    journal_plan source{with, type, of};
    bool const asks = asks_before_sync(with);
    auto const begin = [&](es::sync_options with_progress, progress_display& display) {
        if (!asks) return undo(target_in(with, type), of, std::move(with_progress));
        return sync_when_agreed(with, type, source, std::move(with_progress), given->show_all,
                                display, *dialogue);
    };
    sync_run run{type, given->progress, files, std::move(state)};
    if (asks) run.dialogue = dialogue;
    run.source = "journal";
    auto work = report_sync(with, std::move(run), std::move(options), begin);
    co_return co_await std::move(work);
}

std::string describe_refusal(usage_error const& why) {
    return join_objects(
        {to_object(es::sync_report{}), failure_part("invalid_argument", why.what(), usage)});
}

output_files open_report(undo_arguments const& given) {
    output_files files;
    if (!given.report.empty()) {
        files.report = std::make_shared<output_file>("--report", given.report, given.path);
    }
    return files;
}

constexpr std::array<std::string_view, 9> shown_of_history{"began_at", "operation", "owner",
                                                           "created",  "updated",   "deleted",
                                                           "unknown",  "has_ended", "path"};

asio::awaitable<int> run_history(session& with, es::sync_type const& type,
                                 std::filesystem::path directory) {
    auto all = es::list_journals(directory);
    if (!all) throw usage_error(all.error().detail());
    auto const here = es::base_url_of(with.client());
    std::erase_if(*all, [&](es::journal_summary const& each) {
        return each.collection != type.collection->name || each.base_url != here ||
               each.account_id != with.account_id();
    });
    co_return show_rows(with, *all, {shown_of_history.begin(), shown_of_history.end()});
}

}  // namespace

void add_undo(command_line& line, CLI::App& collection, es::sync_type const& type) {
    auto& verb = *collection.add_subcommand(
        "undo", "Bring back what was there before a sync, by its journal or its saved plan");
    auto const given = std::make_shared<undo_arguments>();
    verb.add_option("JOURNAL", given->path,
                    "The journal, as the sync told or history lists it, or a plan that was saved "
                    "and applied")
        ->type_name("")
        ->required();
    verb.add_flag("--plan,--dry-run", given->plan, "Show what undo would do, and write nothing");
    verb.add_flag("--all", given->show_all, "Show all changes, however many there are");
    verb.add_option("--batch-size", given->batch_size, "Changes of a kind in a request [1000]")
        ->type_name("N");
    verb.add_option("--report", given->report, "Write the report to this file too, as JSON")
        ->type_name("FILE");
    add_progress_option(verb, given->progress);
    add_journal_arguments(verb, given->journal);
    verb.preparse_callback([&line](std::size_t) { line.describe_refusal = &describe_refusal; });
    on_verb(line, verb, [&line, &type, given]() -> command {
        auto of = read_undone(type, given->path);
        es::sync_options options;
        // Who undoes for an owner must not meet a sync of that owner.
        options.owner(of.header().owner).batch_size(given->batch_size);
        if (line.globals.connections) options.concurrency(*line.globals.connections);
        require_valid(options);
        kept_state state;
        if (!given->plan) state = prepare_state(given->journal, line.globals);
        auto const files = open_report(*given);
        return [&type, given, of = std::move(of), options, files, state](session& with) {
            return run_undo(with, type, given, of, options, files, state);
        };
    });
}

void add_history(command_line& line, CLI::App& collection, es::sync_type const& type) {
    auto& verb =
        *collection.add_subcommand("history", "List what syncs changed, by their journals");
    line.rows[&verb] = {wire::fields_of<es::journal_summary>(),
                        {shown_of_history.begin(), shown_of_history.end()}};
    auto const directory = std::make_shared<std::string>();
    verb.add_option("--journal", *directory, "Where the journals are [~/.local/state/cfes]")
        ->type_name("DIR");
    on_verb(line, verb, [&type, directory] {
        auto const where =
            directory->empty() ? state_directory() : std::filesystem::path{*directory};
        return [&type, where](session& with) { return run_history(with, type, where); };
    });
}

}  // namespace cfes
