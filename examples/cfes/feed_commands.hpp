#pragma once

#include "collection_commands.hpp"
#include "feed_options.hpp"
#include "progress.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

/// The verbs that feeds make possible: plan, sync, export.
namespace cfes {

template <class Traits>
es::feed<Traits> read_feed_argument(feed_arguments const& given,
                                    typename Traits::patch const& defaults) {
    es::feed_options<Traits> options;
    options.defaults(defaults).allow_empty(given.prune && given.force);
    if (given.format) options.format(*given.format);
    auto feed = given.path == "-"
                    ? es::read_feed<Traits>(std::cin, options)
                    : es::read_feed<Traits>(std::filesystem::path{given.path}, options);
    if (!feed) throw usage_error(feed.error().detail());
    if (feed->entries.empty() && !feed->rejected.empty()) {
        // Most likely another file than was meant: pruned by it, nothing would be left.
        print_rejections(feed->rejected);
        throw usage_error("no line of the feed is an entry");
    }
    return std::move(*feed);
}

/// The plan's lines for people: `+` to create, `~` to update, `-` to delete.
template <class Traits>
std::string show_plan(es::sync_plan<Traits> const& plan) {
    std::string text;
    for (auto const number : plan.creates) {
        text += "+ " + one_line(plan.desired.entries[number].item.pattern()) + '\n';
    }
    for (auto const& update : plan.updates) {
        auto const& item = plan.desired.entries[update.entry].item;
        auto const patch = es::make_patch<Traits>(update, item);
        text += "~ " + one_line(item.pattern() + "  " + cf::wire::to_json(patch)) + '\n';
    }
    for (auto const& removal : plan.removals) text += "- " + one_line(removal.pattern) + '\n';
    return text + std::to_string(plan.creates.size()) + " to create, " +
           std::to_string(plan.updates.size()) + " to update, " +
           std::to_string(plan.removals.size()) + " to delete\n";
}

template <class Traits>
asio::awaitable<int> run_plan(session& with, std::shared_ptr<es::feed<Traits>> desired,
                              feed_arguments const& given, es::sync_options options,
                              std::shared_ptr<report_file> report_to) {
    auto const planned =
        co_await es::plan(collection_in<Traits>(with), std::move(*desired), std::move(options));
    if (!planned) {
        complain(planned.error());
        co_return failed;
    }
    auto const& report = planned->report;
    auto const document = cf::wire::to_json(report) + '\n';
    if (!write_report(report_to.get(), document)) co_return failed;
    print_complaints(report);
    if (!print(with.output() == output_form::json ? document : show_plan(*planned)))
        co_return failed;
    co_return given.detailed_exit_code && !planned->is_empty() ? has_changes : done;
}

template <class Traits>
asio::awaitable<int> run_sync(session& with, std::shared_ptr<es::feed<Traits>> desired,
                              feed_arguments const& given, es::sync_options options,
                              std::shared_ptr<report_file> report_to) {
    std::optional<progress_display> display;
    display.emplace(given.progress, given.batch_size, with.client());
    auto const show_progress = [&display](es::sync_progress const& now) { display->show(now); };
    options.on_progress(show_progress);
    auto const report =
        co_await es::sync(collection_in<Traits>(with), std::move(*desired), std::move(options));
    display.reset();
    auto const document = to_document(report);
    bool const written = write_report(report_to.get(), document);
    print_complaints(report);
    bool const printed = print(with.output() == output_form::json ? document : show_report(report));
    if (!written || !printed || report.failure) co_return failed;
    co_return report.rejected.empty() ? done : done_in_part;
}

/// `plan` and `sync` take the same arguments.
template <class Traits, class Run>
void add_feed_verb(command_line& line, CLI::App& verb, collection_info const& info, Run run) {
    auto const given = add_feed_arguments(verb);
    auto const defaults = add_field_options<typename Traits::patch>(
        verb,
        {.helps = info.helps, .without = {"pattern", "is_regex"}, .group = "Fields of the entries"});
    on_verb(line, verb, [&line, given, defaults, run] {
        auto options = sync_options_of(*given, line.globals);
        auto const feed =
            std::make_shared<es::feed<Traits>>(read_feed_argument<Traits>(*given, *defaults));
        auto const report_to = open_report(*given);
        return [given, options, feed, report_to, run](session& with) {
            return run(with, feed, *given, options, report_to);
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
    std::string first;
    es::feed_writer writer{text, format, cf::wire::fields_of<item>()};
    for (auto const& each : *there) {
        auto made = es::to_new_item<Traits>(each);
        if (as_document) {
            items.push_back(std::move(made));
        } else if (!writer.write(made) && left_out++ == 0) {
            first = made.pattern();
        }
    }
    auto const all = as_document ? cf::wire::to_json(items) + '\n' : std::move(text).str();
    if (!print(all)) co_return failed;
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
    auto& plan = *collection.add_subcommand("plan", "Show what sync would do, and write nothing");
    add_feed_verb<Traits>(line, plan, info, &run_plan<Traits>);
    auto& sync = *collection.add_subcommand("sync", "Bring the list to the state of a feed");
    add_feed_verb<Traits>(line, sync, info, &run_sync<Traits>);
    add_export<Traits>(line, collection);
    group_verbs(collection, "Feeds");
}

}  // namespace cfes
