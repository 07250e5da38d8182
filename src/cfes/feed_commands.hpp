#pragma once

#include "checked_input.hpp"
#include "collection_commands.hpp"
#include "feed_notes.hpp"
#include "feed_options.hpp"
#include "plan_output.hpp"
#include "progress.hpp"

#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/protection.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/describe/class.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// The verbs that feeds make possible: plan, sync, export.
namespace cfes {

/// A feed that was read, and what is to be told of it.
template <class Traits>
struct examined_feed {
    es::feed<Traits> feed;
    es::protection protection;
    feed_notes notes;
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

/// Whether a spreadsheet evaluates a cell of this text, also of a quoted one.
bool looks_like_formula(std::string_view cell);

/// The documents of a plan and a sync that were refused before anything was sent.
std::string describe_refused_plan(usage_error const& why);
std::string describe_refused_sync(usage_error const& why);

/// Whether entries of a collection block somebody, or let somebody through whom others would not.
template <class Traits>
inline constexpr bool blocks = std::is_same_v<Traits, es::block_senders_traits>;
template <class Traits>
inline constexpr bool has_breadth =
    blocks<Traits> || std::is_same_v<Traits, es::allow_policies_traits>;

template <class Traits>
cf::result<es::feed<Traits>> open_feed(feed_arguments const& given,
                                       es::feed_options<Traits> const& options) {
    std::ifstream file;
    if (given.path != "-") {
        if (given.expected_sha256.empty()) {
            return es::read_feed<Traits>(std::filesystem::path{given.path}, options);
        }
        file.open(given.path, std::ios::binary);
        if (!file) throw usage_error("cannot read " + given.path);
    }
    std::istream& bytes = given.path == "-" ? std::cin : file;
    if (given.expected_sha256.empty()) return es::read_feed<Traits>(bytes, options);
    hashing_buffer hashing{bytes};
    std::istream in{&hashing};
    auto feed = es::read_feed<Traits>(in, options);
    check_sha256(hashing.finish(), given.expected_sha256);
    // It is the whole feed, however it ends.
    if (feed) feed->is_cut = false;
    return feed;
}

template <class Traits>
std::shared_ptr<examined_feed<Traits>> read_feed_argument(feed_arguments const& given,
                                                          es::sync_options const& how,
                                                          typename Traits::patch const& defaults) {
    es::feed_options<Traits> options;
    options.defaults(defaults).reading(
        reading_of(given, cf::wire::fields_of<typename Traits::new_item>()));
    auto read = std::make_shared<examined_feed<Traits>>();
    if constexpr (has_breadth<Traits>) read->protection = protection_of(given);
    auto feed = open_feed<Traits>(given, options);
    if (!feed) throw usage_error(feed.error().detail());
    read->feed = std::move(*feed);
    if constexpr (has_breadth<Traits>) es::hold_back(read->feed, read->protection);
    if (auto const refused = es::check_feed(read->feed, read->feed.entries.size(), how)) {
        auto notes = notes_of(read->feed);
        print_rejections(read->feed.rejected);
        print_notes(notes);
        throw refused_feed(refused->detail(), std::move(read->feed.rejected), std::move(notes));
    }
    return read;
}

/// Protects what the account says, and looks at what is left.
template <class Traits>
asio::awaitable<std::optional<cf::error>> examine(session& with, examined_feed<Traits>& read,
                                                  feed_arguments const& given) {
    if constexpr (blocks<Traits>) {
        if (!given.no_protection) {
            auto failed =
                co_await es::protect_account(with.client(), with.account_id(), read.protection);
            if (failed) {
                complain(
                    "the account's own domains and people cannot be read; --no-protection "
                    "does without them");
                co_return failed;
            }
            es::hold_back(read.feed, read.protection);
        }
    }
    read.notes = examine_feed(read.feed, given.drop_covered);
    co_return std::nullopt;
}

/// The list that a feed may be in conflict with: allow policies of what is blocked, and the
/// reverse.
template <class Traits>
using opposite = std::conditional_t<std::is_same_v<Traits, es::block_senders_traits>,
                                    es::allow_policies_traits, es::block_senders_traits>;

template <class Traits>
inline constexpr bool has_opposite = std::is_same_v<Traits, es::block_senders_traits> ||
                                     std::is_same_v<Traits, es::allow_policies_traits>;

struct conflict_list {
    std::vector<es::conflict> conflicts;
};
BOOST_DESCRIBE_STRUCT(conflict_list, (), (conflicts))

struct forecast_part {
    es::sync_forecast forecast;
};
BOOST_DESCRIBE_STRUCT(forecast_part, (), (forecast))

/// Ends a command with the parts of its report, one of which may be why it failed.
inline int finish_report(session& with, output_files const& files,
                         std::vector<std::string> const& parts, std::string const& text) {
    auto const document = join_objects(parts);
    bool const written = write_report(files, document);
    bool const printed = print(with.output() == output_form::json ? document : text);
    return written && printed ? done : failed;
}

/// Reads what the plan may be in conflict with.
template <class Traits>
asio::awaitable<cf::result<std::vector<es::conflict>>> check_conflicts(
    session& with, es::feed<Traits> const& desired, es::sync_options const& options) {
    using other = opposite<Traits>;
    es::sender_list<typename other::model> there;
    typename other::filter const everything;
    auto const opposites = collection_in<other>(with);
    auto const read =
        co_await opposites.visit_all(there, everything, options.call(), options.concurrency());
    if (!read) co_return read.error();
    co_return es::find_conflicts(desired, there);
}

template <class Traits>
asio::awaitable<int> run_plan(session& with, std::shared_ptr<examined_feed<Traits>> desired,
                              feed_arguments const& given, es::sync_options options,
                              output_files files) {
    auto const where = collection_in<Traits>(with);
    es::sync_plan<Traits> planned;
    std::optional<progress_display> display;
    display.emplace(given.progress, options, with.client());
    options.on_progress([&display](es::sync_progress const& now) { display->show(now); });
    auto refused = co_await examine(with, *desired, given);
    if (!refused) {
        refused = co_await es::make_plan(where, std::move(desired->feed), options, planned);
    }
    display.reset();
    auto const& report = planned.report;
    std::vector<std::string> parts{cf::wire::to_json(report), cf::wire::to_json(desired->notes)};
    auto const most = given.show_all ? all_lines : few_lines;
    auto text = show_changes(planned, most);
    if constexpr (has_opposite<Traits>) {
        if (given.check_conflicts && !refused) {
            auto const checked = co_await check_conflicts(with, planned.desired, options);
            if (checked) {
                conflict_list found;
                found.conflicts = *checked;
                parts.push_back(cf::wire::to_json(found));
                text += show_conflicts(found.conflicts, most);
            } else {
                refused = checked.error();
            }
        }
    }
    print_complaints(report);
    print_notes(desired->notes);
    if (refused) {
        complain(*refused);
        parts.push_back(failure_object(refused->message()));
        finish_report(with, files, parts, "");
        co_return failed;
    }
    forecast_part expected;
    expected.forecast = es::forecast_sync(report, with.client(), options);
    parts.push_back(cf::wire::to_json(expected));
    text += show_forecast(expected.forecast) + show_reading(desired->notes) + show_summary(report);
    if (files.plan) {
        es::save_plan(files.plan->stream(), planned, where, options);
        if (!files.plan->finish()) co_return failed;
    }
    if (auto const ended = finish_report(with, files, parts, text); ended != done) co_return ended;
    if (given.detailed_exit_code && !planned.is_empty()) co_return has_changes;
    co_return report.rejected.empty() ? done : done_in_part;
}

/// Awaits a sync, tells what it did; the exit status.
template <class Work>
asio::awaitable<int> report_sync(session& with, feed_arguments const& given,
                                 es::sync_options options, output_files files,
                                 std::shared_ptr<feed_notes const> notes, Work begin) {
    std::optional<progress_display> display;
    display.emplace(given.progress, options, with.client());
    auto const show_progress = [&display](es::sync_progress const& now) { display->show(now); };
    options.on_progress(show_progress);
    auto work = begin(std::move(options));
    auto const report = co_await std::move(work);
    display.reset();
    std::vector<std::string> parts{to_object(report)};
    if (notes) parts.push_back(cf::wire::to_json(*notes));
    if (report.failure) parts.push_back(failure_object(report.failure->message()));
    print_complaints(report);
    if (notes) print_notes(*notes);
    if (report.failure) complain(*report.failure);
    auto const reading = notes ? show_reading(*notes) : std::string{};
    auto const ended = finish_report(with, files, parts, reading + show_report(report));
    if (ended != done || report.failure) co_return failed;
    co_return report.rejected.empty() ? done : done_in_part;
}

/// Syncs a feed after it was examined.
template <class Traits>
asio::awaitable<es::sync_report> sync_examined(session& with, examined_feed<Traits>& desired,
                                               feed_arguments const& given,
                                               es::sync_options options) {
    auto failed = co_await examine(with, desired, given);
    if (failed) {
        es::sync_report report;
        report.rejected = desired.feed.rejected;
        report.failure = std::move(*failed);
        co_return report;
    }
    auto work = es::sync(collection_in<Traits>(with), std::move(desired.feed), std::move(options));
    co_return co_await std::move(work);
}

template <class Traits>
asio::awaitable<int> run_sync(session& with, std::shared_ptr<examined_feed<Traits>> desired,
                              feed_arguments const& given, es::sync_options options,
                              output_files files) {
    auto const begin = [&with, &desired, &given](es::sync_options with_progress) {
        return sync_examined<Traits>(with, *desired, given, std::move(with_progress));
    };
    std::shared_ptr<feed_notes const> const notes{desired, &desired->notes};
    auto work = report_sync(with, given, options, files, notes, begin);
    co_return co_await std::move(work);
}

template <class Traits>
asio::awaitable<int> run_saved_plan(session& with, std::shared_ptr<es::saved_plan<Traits>> saved,
                                    feed_arguments const& given, es::sync_options options,
                                    output_files files) {
    if (saved->header.account_id != with.account_id()) {
        throw usage_error(given.plan + " is for the account " + saved->header.account_id);
    }
    auto const where = collection_in<Traits>(with);
    auto const how = given.resume ? es::plan_check::resume : es::plan_check::exact;
    auto const begin = [&where, &saved, how](es::sync_options with_progress) {
        return es::apply_saved(where, std::move(*saved), std::move(with_progress), how);
    };
    auto work = report_sync(with, given, options, files, nullptr, begin);
    co_return co_await std::move(work);
}

/// The arguments that make sense for a collection.
template <class Traits>
std::shared_ptr<feed_arguments> add_feed_arguments(CLI::App& verb) {
    return add_feed_arguments(verb, {.has_owners = es::has_owners<Traits>,
                                     .has_cover = has_opposite<Traits>,
                                     .has_conflicts = has_opposite<Traits>,
                                     .has_breadth = has_breadth<Traits>,
                                     .has_protection = blocks<Traits>});
}

/// The fields that a feed's entries have where the feed does not say.
template <class Traits>
std::shared_ptr<typename Traits::patch> add_defaults(CLI::App& verb, collection_info const& info) {
    return add_field_options<typename Traits::patch>(verb, {.helps = info.helps,
                                                            .without = {"pattern", "is_regex"},
                                                            .group = "Fields of the entries"});
}

template <class Traits>
void add_plan(command_line& line, CLI::App& collection, collection_info const& info) {
    auto& verb = *collection.add_subcommand("plan", "Show what sync would do, and write nothing");
    auto const given = add_feed_arguments<Traits>(verb);
    auto const defaults = add_defaults<Traits>(verb, info);
    verb.preparse_callback(
        [&line](std::size_t) { line.describe_refusal = &describe_refused_plan; });
    on_verb(line, verb, [&line, given, defaults] {
        auto const options = sync_options_of(*given, line.globals);
        auto const feed = read_feed_argument<Traits>(*given, options, *defaults);
        auto const files = open_outputs(*given);
        return [given, options, feed, files](session& with) {
            return run_plan<Traits>(with, feed, *given, options, files);
        };
    });
}

template <class Traits>
command prepare_saved_plan(std::shared_ptr<feed_arguments> given, es::sync_options options) {
    auto loaded = given->plan == "-" ? es::load_plan<Traits>(std::cin)
                                     : es::load_plan<Traits>(std::filesystem::path{given->plan});
    if (!loaded) throw usage_error(loaded.error().detail());
    auto const saved = std::make_shared<es::saved_plan<Traits>>(std::move(*loaded));
    auto const files = open_outputs(*given);
    return [given, options, saved, files](session& with) {
        return run_saved_plan<Traits>(with, saved, *given, options, files);
    };
}

template <class Traits>
void add_sync(command_line& line, CLI::App& collection, collection_info const& info) {
    auto& verb = *collection.add_subcommand("sync", "Bring the list to the state of a feed");
    auto const given = add_feed_arguments<Traits>(verb);
    auto const defaults = add_defaults<Traits>(verb, info);
    verb.preparse_callback(
        [&line](std::size_t) { line.describe_refusal = &describe_refused_sync; });
    on_verb(line, verb, [&line, &verb, given, defaults]() -> command {
        check_source(verb, *given);
        auto const options = sync_options_of(*given, line.globals);
        if (!given->plan.empty()) return prepare_saved_plan<Traits>(given, options);
        auto const feed = read_feed_argument<Traits>(*given, options, *defaults);
        auto const files = open_outputs(*given);
        return [given, options, feed, files](session& with) {
            return run_sync<Traits>(with, feed, *given, options, files);
        };
    });
}

template <class Traits>
asio::awaitable<int> run_export(session& with, es::feed_format format, bool as_document) {
    using item = typename Traits::new_item;
    auto const there = co_await collection_in<Traits>(with).list_all();
    if (!there) co_return complain_about(there.error());
    std::ostringstream text;
    std::vector<item> items;
    std::size_t left_out = 0;
    std::size_t formulas = 0;
    std::string first;
    es::feed_writer writer{text, format, cf::wire::fields_of<item>()};
    for (auto const& each : *there) {
        auto made = es::to_new_item<Traits>(each);
        if constexpr (es::has_owners<Traits>) {
            // Marks come from options alone, and no feed may have them.
            if (auto const& comments = made.comments()) {
                made.comments(es::without_owners(*comments));
            }
        }
        if (format == es::feed_format::csv) {
            formulas += looks_like_formula(es::pattern_of(made));
            if constexpr (es::has_owners<Traits>) {
                formulas += looks_like_formula(made.comments().value_or(""));
            }
        }
        if (as_document) {
            items.push_back(std::move(made));
        } else if (!writer.write(made) && left_out++ == 0) {
            first = es::pattern_of(made);
        }
    }
    auto const all = as_document ? cf::wire::to_json(items) + '\n' : std::move(text).str();
    if (!print(all)) co_return failed;
    if (formulas > 0) {
        complain(std::to_string(formulas) +
                 " cells begin with =, +, - or @, which a spreadsheet takes for formulas");
    }
    if (left_out == 0) co_return done;
    complain(std::to_string(left_out) + " entries are left out, '" + first +
             "' the first: this form cannot carry them, or the API would not take them again");
    co_return done_in_part;
}

template <class Traits>
void add_export(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "export", "Write all entries to stdout as a feed that sync reads back");
    auto const format = add_format_option(verb, "Form of the feed [jsonl]");
    on_verb(line, verb, [&line, format] {
        bool const as_document = line.globals.output == output_form::json;
        if (as_document && *format) {
            throw usage_error("--format and --output json exclude each other");
        }
        auto const how = format->value_or(es::feed_format::json_lines);
        return [how, as_document](session& with) {
            return run_export<Traits>(with, how, as_document);
        };
    });
}

template <class Traits>
void add_feed_verbs(command_line& line, CLI::App& collection, collection_info const& info) {
    add_plan<Traits>(line, collection, info);
    add_sync<Traits>(line, collection, info);
    add_export<Traits>(line, collection);
    group_verbs(collection, "Feeds");
}

}  // namespace cfes
