#include "feed_commands.hpp"

#include "checked_input.hpp"
#include "feed_notes.hpp"
#include "feed_options.hpp"
#include "files.hpp"
#include "journal_commands.hpp"
#include "plan_output.hpp"
#include "progress.hpp"
#include "sync_runs.hpp"

#include <cloudflare/detail/counted.hpp>
#include <cloudflare/detail/sync/any_feed.hpp>
#include <cloudflare/detail/sync/engine.hpp>
#include <cloudflare/email_security/protection.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/describe/class.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace cfes {

namespace {

/// A feed that was read, and what is to be said of it.
struct examined_feed {
    std::unique_ptr<es::any_feed> feed;
    es::protection protection;
    feed_notes notes;
};

/// A plan that was read from a file.
struct loaded_plan {
    std::unique_ptr<es::any_feed> desired;
    es::sync_changes changes;
    es::plan_header header;
};

/// A feed of which nothing is left to sync.
class refused_feed : public usage_error {
public:
    refused_feed(std::string const& why, std::vector<es::rejection> rejected, feed_notes notes)
        : usage_error{why}, rejected_{std::move(rejected)}, notes_{std::move(notes)} {}
    std::vector<es::rejection> const& rejected() const noexcept { return rejected_; }
    feed_notes const& notes() const noexcept { return notes_; }

private:
    std::vector<es::rejection> rejected_;
    feed_notes notes_;
};

struct forecast_part {
    es::sync_forecast forecast;
};
BOOST_DESCRIBE_STRUCT(forecast_part, (), (forecast))

es::sync_report report_of(usage_error const& why) {
    es::sync_report report;
    auto const* const feed = dynamic_cast<refused_feed const*>(&why);
    if (feed) report.rejected = feed->rejected();
    return report;
}

// The document of a plan or a sync that was refused before anything was sent.
std::string describe_refusal(usage_error const& why) {
    std::vector<std::string> parts{to_object(report_of(why))};
    auto const* const feed = dynamic_cast<refused_feed const*>(&why);
    if (feed) parts.push_back(cf::wire::to_json(feed->notes()));
    parts.push_back(failure_part("invalid_argument", why.what(), usage));
    return join_objects(parts);
}

std::optional<cf::error> read_bytes(feed_arguments const& given, es::feed_reading const& how,
                                    es::any_feed::receiver& into) {
    std::ifstream file;
    if (given.path != "-") {
        if (given.expected_sha256.empty()) {
            return es::read_feed_into(std::filesystem::path{given.path}, how, into);
        }
        file.open(given.path, std::ios::binary);
        if (!file) throw usage_error("cannot read " + given.path);
    }
    std::istream& bytes = given.path == "-" ? std::cin : file;
    if (given.expected_sha256.empty()) {
        auto failed = es::read_feed_into(bytes, how, into);
        if (given.path == "-") require_stdin();
        return failed;
    }
    hashing_buffer hashing{bytes};
    std::istream in{&hashing};
    auto failed = es::read_feed_into(in, how, into);
    auto const found = hashing.finish(how.max_size);
    if (given.path == "-") require_stdin();
    if (!found && failed) return failed;
    if (!found) {
        throw usage_error("the feed has more than " + std::to_string(how.max_size) + " bytes");
    }
    check_sha256(*found, given.expected_sha256);
    // It is the whole feed, however it ends.
    into.facts().is_cut = false;
    return failed;
}

/// A plan that was saved is JSON, but no feed.
/// @throws usage_error
void refuse_saved_plan(std::string const& path, std::string const& verb) {
    if (!is_saved_plan(path)) return;
    throw usage_error(
        path + " is a saved plan, not a feed: " +
        (verb == "sync" ? "did you mean --plan " + path + '?' : "cfes show " + path + " shows it"));
}

std::shared_ptr<examined_feed> read_feed_argument(feed_verbs const& verbs, std::string const& verb,
                                                  feed_arguments const& given,
                                                  es::sync_options const& options,
                                                  any_object const& defaults) {
    auto read = std::make_shared<examined_feed>();
    read->feed = std::make_unique<es::any_feed>(*verbs.type);
    auto& feed = *read->feed;
    es::any_feed::receiver into{feed, defaults};
    refuse_saved_plan(given.path, verb);
    auto const how = reading_of(given, into.fields());
    if (verbs.has_breadth) read->protection = protection_of(given);
    if (auto const failed = read_bytes(given, how, into)) throw usage_error(failed->detail());
    if (verbs.has_breadth) es::hold_back(feed, read->protection);
    if (auto const refused = es::check_feed(feed.facts(), feed.size(), options)) {
        auto notes = notes_of(feed.facts());
        // Of a prune, the guard tells it.
        notes.is_cut = notes.is_cut && !options.prune();
        print_rejections(feed.facts().rejected);
        print_notes(notes);
        throw refused_feed(refused->detail(), feed.facts().rejected, std::move(notes));
    }
    return read;
}

/// Protects what the account says, and looks at what is left.
asio::awaitable<std::optional<cf::error>> examine(session& with, feed_verbs verbs,
                                                  examined_feed& read,
                                                  feed_arguments const& given) {
    if (verbs.has_protection && !given.no_protection) {
        auto reading = es::protect_account(with.client(), with.account_id(), read.protection);
        auto failed = co_await std::move(reading);
        if (failed) {
            complain(
                "the account's own domains and people cannot be read; --no-protection "
                "does without them");
            co_return failed;
        }
        es::hold_back(*read.feed, read.protection);
    }
    read.notes = examine_feed(*read.feed, given.drop_covered);
    co_return std::nullopt;
}

asio::awaitable<int> run_plan(session& with, feed_verbs verbs,
                              std::shared_ptr<examined_feed> desired, feed_arguments const& given,
                              es::sync_options options, output_files files) {
    auto const target = target_in(with, *verbs.type);
    auto const& feed = *desired->feed;
    es::sync_changes planned;
    std::optional<progress_display> display;
    display.emplace(with, given.progress, options);
    options.on_progress([&display](es::sync_progress const& now) { display->show(now); });
    auto examining = examine(with, verbs, *desired, given);
    auto refused = co_await std::move(examining);
    if (!refused) {
        auto planning = es::make_changes(target, feed, options, planned, es::plan_use::kept);
        refused = co_await std::move(planning);
    }
    display.reset();
    auto& report = planned.report;
    if (refused) report.failure = *refused;
    std::vector<std::string> parts{to_object(report, knows_list(report, false)), place_part(with),
                                   cf::wire::to_json(desired->notes)};
    told_plan told{*verbs.type, feed, planned, with.place()};
    auto const most = given.show_all ? all_lines : few_lines;
    auto text = show_changes(*verbs.type, feed, planned, most);
    if (verbs.check_conflicts && given.check_conflicts && !refused) {
        auto checking = verbs.check_conflicts(with, feed, options);
        auto const checked = co_await std::move(checking);
        if (checked) {
            parts.push_back(cf::wire::to_json(*checked));
            text += show_conflicts(*checked, most);
        } else {
            refused = checked.error();
        }
    }
    print_complaints(report);
    if (!with.globals().quiet) print_notes(desired->notes);
    if (refused) {
        // What it found is shown also where a sync would not do it.
        bool const is_whole = is_refused_by_guard(planned, *refused);
        complain(explain(with, *refused));
        if (is_whole) text += "a sync refuses this: " + to_line(plain_message(*refused)) + '\n';
        auto const failure = failure_part(with, *refused);
        parts.push_back(failure);
        if (is_whole) {
            told.refusal = plain_message(*refused);
            text += show_place(with) + show_summary(report);
            finish_plan(with.output(), with.rows(), files, parts, text, told);
            // Its rows do not tell it.
            if (with.output() == output_form::jsonl) print(failure + '\n');
        } else {
            finish_report(with.output(), files, parts, "");
        }
        co_return status_of_sync(*refused);
    }
    forecast_part expected;
    expected.forecast = es::forecast_sync(report, with.client(), options);
    parts.push_back(cf::wire::to_json(expected));
    text += show_forecast(expected.forecast) + show_reading(desired->notes) + show_place(with) +
            show_summary(report);
    if (with.is_silent()) text.clear();
    if (files.plan) {
        es::write_plan(files.plan->stream(), target, feed, planned, options);
        if (!files.plan->finish()) co_return failed;
    }
    auto const ended = finish_plan(with.output(), with.rows(), files, parts, text, told);
    if (ended != done) co_return ended;
    co_return status_of_work(given.ending, !planned.is_empty(), report.rejected.size());
}

/// Syncs a feed after it was examined.
asio::awaitable<es::sync_report> sync_examined(session& with, feed_verbs verbs,
                                               examined_feed& desired, feed_arguments const& given,
                                               es::sync_options options) {
    auto examining = examine(with, verbs, desired, given);
    auto failed = co_await std::move(examining);
    if (failed) {
        es::sync_report report;
        report.rejected = desired.feed->facts().rejected;
        report.failure = std::move(*failed);
        co_return report;
    }
    auto work =
        es::sync_feed(target_in(with, *verbs.type), std::move(desired.feed), std::move(options));
    co_return co_await std::move(work);
}

/// The plan of a feed.
class feed_plan final : public plan_source {
public:
    /// The references must outlive it.
    feed_plan(session& with, feed_verbs const& verbs, examined_feed& desired,
              feed_arguments const& given)
        : with_{with}, verbs_{verbs}, desired_{desired}, given_{given} {}

    asio::awaitable<std::optional<cf::error>> make(es::sync_options const& options,
                                                   es::sync_changes& made) override {
        if (!is_examined_) {
            auto examining = examine(with_, verbs_, desired_, given_);
            auto failed = co_await std::move(examining);
            made.report.rejected = desired_.feed->facts().rejected;
            if (failed) co_return failed;
            is_examined_ = true;
        }
        auto making = es::make_changes(target_in(with_, *verbs_.type), *desired_.feed, options,
                                       made, es::plan_use::kept);
        co_return co_await std::move(making);
    }
    es::feed_view const& desired() const override { return *desired_.feed; }
    std::unique_ptr<es::feed_view> take_desired() override { return std::move(desired_.feed); }
    void tell_notes() const override {
        if (!with_.globals().quiet) print_notes(desired_.notes);
    }

private:
    session& with_;
    feed_verbs const& verbs_;
    examined_feed& desired_;
    feed_arguments const& given_;
    bool is_examined_ = false;
};

asio::awaitable<int> run_sync(session& with, feed_verbs verbs,
                              std::shared_ptr<examined_feed> desired, feed_arguments const& given,
                              es::sync_options options, output_files files, kept_state state) {
    auto const dialogue = std::make_shared<sync_dialogue>();
    feed_plan source{with, verbs, *desired, given};
    bool const asks = asks_before_sync(with);
    auto const begin = [&](es::sync_options with_progress, progress_display& display) {
        if (!asks) return sync_examined(with, verbs, *desired, given, std::move(with_progress));
        return sync_when_agreed(with, *verbs.type, source, std::move(with_progress), given.show_all,
                                display, *dialogue);
    };
    sync_run run{*verbs.type, given.progress, files, std::move(state)};
    if (asks) run.dialogue = dialogue;
    run.ending = given.ending;
    run.notes = {desired, &desired->notes};
    auto work = report_sync(with, std::move(run), std::move(options), begin);
    co_return co_await std::move(work);
}

asio::awaitable<int> run_saved_plan(session& with, feed_verbs verbs,
                                    std::shared_ptr<loaded_plan> saved, feed_arguments const& given,
                                    es::sync_options options, output_files files,
                                    kept_state state) {
    if (saved->header.account_id != with.account_id()) {
        throw usage_error(given.plan + " is for the account " + saved->header.account_id);
    }
    auto const how = given.resume ? es::plan_check::resume : es::plan_check::exact;
    // Whoever saved the plan has seen it; and it is refused where the list is another one by now.
    auto const begin = [&](es::sync_options with_progress, progress_display&) {
        return es::apply_saved_changes(target_in(with, *verbs.type), std::move(saved->desired),
                                       std::move(saved->changes), std::move(saved->header),
                                       std::move(with_progress), how);
    };
    // The owner is the plan's.
    options.owner(saved->header.owner);
    sync_run run{*verbs.type, given.progress, files, std::move(state)};
    run.ending = given.ending;
    run.resumed_by = " with --resume to do the rest";
    auto work = report_sync(with, std::move(run), std::move(options), begin);
    co_return co_await std::move(work);
}

/// Whether a line of text may be an entry. One that has a name needs a pattern of its own besides.
bool has_text_form(feed_verbs const& verbs) {
    return find_field(verbs.type->collection->new_item->fields(), "name") == nullptr;
}

/// The arguments that make sense for a collection.
std::shared_ptr<feed_arguments> add_arguments_for(CLI::App& verb, feed_verbs const& verbs) {
    bool const has_opposite = verbs.check_conflicts != nullptr;
    return add_feed_arguments(verb, {.has_text = has_text_form(verbs),
                                     .has_owners = verbs.type->comments != nullptr,
                                     .has_cover = has_opposite,
                                     .has_conflicts = has_opposite,
                                     .has_breadth = verbs.has_breadth,
                                     .has_protection = verbs.has_protection});
}

/// The fields that a feed's entries have where the feed does not say.
std::shared_ptr<any_object> add_defaults(CLI::App& verb, feed_verbs const& verbs,
                                         collection_info const& info) {
    return add_field_options(verb, *verbs.type->collection->patch,
                             {.helps = info.helps,
                              .without = {"name", "pattern", "is_regex"},
                              .group = "Fields of the entries"});
}

command prepare_plan(feed_verbs const& verbs, std::shared_ptr<feed_arguments> given,
                     std::shared_ptr<any_object> const& defaults, global_options const& globals) {
    auto const options = sync_options_of(*given, globals);
    auto const feed = read_feed_argument(verbs, "plan", *given, options, *defaults);
    auto const files = open_outputs(*given);
    return [verbs, given, options, feed, files](session& with) {
        return run_plan(with, verbs, feed, *given, options, files);
    };
}

void add_plan(command_line& line, CLI::App& collection, feed_verbs const& verbs,
              collection_info const& info) {
    auto& verb = *collection.add_subcommand("plan", "Show what sync would do, and write nothing");
    line.rows[&verb] = plan_rows();
    auto const given = add_arguments_for(verb, verbs);
    auto const defaults = add_defaults(verb, verbs, info);
    verb.preparse_callback([&line](std::size_t) { line.describe_refusal = &describe_refusal; });
    on_verb(line, verb, [&line, verbs, given, defaults] {
        return prepare_plan(verbs, given, defaults, line.globals);
    });
}

command prepare_saved_plan(feed_verbs const& verbs, std::shared_ptr<feed_arguments> given,
                           es::sync_options options, global_options const& globals) {
    auto const saved = std::make_shared<loaded_plan>();
    saved->desired = std::make_unique<es::any_feed>(*verbs.type);
    any_object const no_defaults{*verbs.type->collection->patch};
    es::any_feed::receiver entries{*saved->desired, no_defaults};
    es::restored_plan const into{*verbs.type, entries, *saved->desired, saved->changes,
                                 saved->header};
    auto const failed = given->plan == "-"
                            ? es::read_plan(std::cin, into)
                            : es::read_plan(std::filesystem::path{given->plan}, into);
    if (given->plan == "-") require_stdin();
    if (failed) throw usage_error(failed->detail());
    auto const state = prepare_state(given->journal, globals);
    auto const files = open_outputs(*given);
    return [verbs, given, options, saved, files, state](session& with) {
        return run_saved_plan(with, verbs, saved, *given, options, files, state);
    };
}

void add_sync(command_line& line, CLI::App& collection, feed_verbs const& verbs,
              collection_info const& info) {
    auto& verb = *collection.add_subcommand("sync", "Bring the list to the state of a feed");
    auto const given = add_arguments_for(verb, verbs);
    auto const defaults = add_defaults(verb, verbs, info);
    auto const only_plans = std::make_shared<bool>(false);
    verb.add_flag("--dry-run", *only_plans, "Show what it would do, as plan, and write nothing");
    verb.preparse_callback([&line](std::size_t) { line.describe_refusal = &describe_refusal; });
    on_verb(line, verb, [&line, &verb, verbs, given, defaults, only_plans]() -> command {
        check_source(verb, *given);
        if (*only_plans) return prepare_plan(verbs, given, defaults, line.globals);
        auto const options = sync_options_of(*given, line.globals);
        if (!given->plan.empty()) return prepare_saved_plan(verbs, given, options, line.globals);
        auto const feed = read_feed_argument(verbs, "sync", *given, options, *defaults);
        auto const state = prepare_state(given->journal, line.globals);
        auto const files = open_outputs(*given);
        return [verbs, given, options, feed, files, state](session& with) {
            return run_sync(with, verbs, feed, *given, options, files, state);
        };
    });
}

/// Marks come from options alone, and no feed may have them.
void drop_owners(es::sync_type const& of, any_object& item) {
    auto const& comments = of.comments(item.get());
    if (comments) of.set_comments(item.get(), es::without_owners(*comments));
}

asio::awaitable<int> run_export(session& with, feed_verbs verbs, es::feed_format format,
                                bool as_document) {
    auto const& of = *verbs.type->collection;
    cf::detail::list_keeper there;
    constexpr std::size_t at_a_time = 4;
    auto reading = collection_in(with, of).visit_all(there, any_object{*of.filter}, {}, at_a_time);
    auto const read = co_await std::move(reading);
    if (!read) co_return complain_about(with, read.error());
    std::ostringstream text;
    object_list items{*of.new_item};
    std::size_t left_out = 0;
    std::string first;
    es::feed_writer writer{text, format, of.new_item->fields()};
    for (auto const& page : there.release()) {
        for (std::size_t i = 0; i != page.size(); ++i) {
            any_object item{*of.new_item};
            es::copy_fields(of.model->fields(), page[i], of.new_item->fields(), item.get());
            if (verbs.type->comments) drop_owners(*verbs.type, item);
            if (as_document) {
                of.new_item->destroy(items.add());
                of.new_item->move(items[items.size() - 1], item.get());
            } else if (!writer.write(item) && left_out++ == 0) {
                first = verbs.type->key(item.get()).pattern;
            }
        }
    }
    std::string all;
    if (as_document) {
        cf::wire::append_json(cf::wire::codec_for<object_list>(), &items, all);
        all += '\n';
    } else {
        all = std::move(text).str();
    }
    if (!print(all)) co_return failed;
    if (left_out == 0) co_return done;
    complain(cf::counted(left_out, "entry is", "entries are") + " left out, '" + first +
             "' the first: this form cannot carry them, or the API would not take them again");
    co_return done_in_part;
}

void add_export(command_line& line, CLI::App& collection, feed_verbs const& verbs) {
    auto& verb = *collection.add_subcommand(
        "export", "Write all entries to stdout as a feed that sync reads back");
    auto const format = add_format_option(verb, "Form of the feed [jsonl]", has_text_form(verbs));
    on_verb(line, verb, [&line, verbs, format] {
        bool const as_document = is_document(line.globals.output);
        if (as_document && *format) {
            throw usage_error("--format and --output json exclude each other");
        }
        auto const how = format->value_or(es::feed_format::json_lines);
        return [verbs, how, as_document](session& with) {
            return run_export(with, verbs, how, as_document);
        };
    });
}

}  // namespace

void add_feed_verbs(command_line& line, CLI::App& collection, feed_verbs const& verbs,
                    collection_info const& info) {
    add_plan(line, collection, verbs, info);
    add_sync(line, collection, verbs, info);
    add_undo(line, collection, *verbs.type);
    add_history(line, collection, *verbs.type);
    add_export(line, collection, verbs);
    group_verbs(collection, "Feeds");
}

}  // namespace cfes
