#include "feed_options.hpp"

#include "command_tree.hpp"
#include "fields.hpp"
#include "files.hpp"
#include "output.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>
#include <string>

namespace cfes {

namespace es = cloudflare::email_security;

namespace {

/// The forms that an export is written in. A line of text has no room for some entries.
std::vector<es::feed_format> written_forms(bool has_text) {
    std::vector<es::feed_format> forms{es::feed_format::csv, es::feed_format::json_lines};
    if (has_text) forms.insert(forms.begin(), es::feed_format::text);
    return forms;
}

template <class Into>
struct number_in {
    using type = Into;
};
template <class Number>
struct number_in<std::optional<Number>> {
    using type = Number;
};
template <class Into>
using number_of = typename number_in<Into>::type;

std::string names_of(std::span<es::feed_format const> forms) {
    std::string names;
    for (auto const each : forms) {
        if (!names.empty()) names += ", ";
        names += cloudflare::wire_name(each);
    }
    return names;
}

CLI::Option* add_format(CLI::App& verb, std::optional<es::feed_format>& into,
                        std::vector<es::feed_format> const& forms, std::string const& help) {
    auto const names = names_of(forms);
    auto const store = [&into, forms, names](std::string const& text) {
        std::vector<std::string_view> known;
        for (auto const each : forms) known.push_back(cloudflare::wire_name(each));
        into = cloudflare::from_wire_name<es::feed_format>(programs::as_spelt(known, text));
        if (!into || std::ranges::find(forms, *into) == forms.end()) {
            throw CLI::ValidationError("--format",
                                       "must be one of " + names + ", not '" + text + '\'');
        }
    };
    auto const text = help + ": " + names;
    auto* const added = verb.add_option_function<std::string>("--format", store, text);
    std::vector<std::string> choices;
    for (auto const each : forms) choices.emplace_back(cloudflare::wire_name(each));
    return programs::offer(added, choices)->type_name("FORM");
}

/// The forms that a feed may have: the others name senders, one a record.
std::vector<es::feed_format> read_forms(bool has_text) {
    if (!has_text) {
        return {es::feed_format::csv, es::feed_format::json_lines, es::feed_format::json};
    }
    std::vector<es::feed_format> forms;
    for (auto const& each : wire_names(es::feed_format{})) forms.push_back(each.first);
    return forms;
}

/// An option that is a whole number; `range` says which. Whether it is in the range is checked with
/// the other options.
template <class Into>
CLI::Option* add_number(CLI::App& verb, std::string const& name, Into& into,
                        std::string const& help, std::string const& range) {
    auto const store = [&into, name, range](std::string const& text) {
        number_of<Into> number = 0;
        auto const* const end = text.data() + text.size();
        auto const read = std::from_chars(text.data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end) {
            throw CLI::ValidationError(name,
                                       "must be a whole number " + range + ", not '" + text + '\'');
        }
        into = number;
    };
    return verb.add_option_function<std::string>(name, store, help)->type_name("N");
}

constexpr char const* reading_group = "Reading the feed";
constexpr char const* guard_group = "Guards";

void add_reading(CLI::App& verb, feed_arguments& given, feed_abilities of) {
    auto const add_column = [&given](std::vector<std::string> const& all) {
        for (auto const& text : all) {
            auto const equals = text.find('=');
            if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
                throw CLI::ValidationError("--column", "must be FIELD=NAME, not '" + text + '\'');
            }
            given.columns.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        }
        return true;
    };
    verb.add_option("--column", add_column,
                    "Which CSV column, by heading or number, or JSON member has a field")
        ->type_name("FIELD=NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false)
        ->group(reading_group);
    verb.add_flag("--from-urls", given.from_urls, "Take the host of a URL as its pattern")
        ->group(reading_group);
    verb.add_flag("--wildcards", given.wildcards, "Take *.NAME and .NAME as NAME")
        ->group(reading_group);
    if (of.has_owners && of.has_text) {
        verb.add_flag("--comments-from-feed", given.comments_from_feed,
                      "Take what a form says beside a pattern, as a line's note, as comments")
            ->group(reading_group);
    }
    auto const set_hash = [&given](std::string const& text) {
        constexpr std::size_t digits = 64;
        bool const is_hex = text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
        if (text.size() != digits || !is_hex) {
            throw CLI::ValidationError("--expect-sha256",
                                       "must be 64 hexadecimal digits, not '" + text + '\'');
        }
        given.expected_sha256 = text;
    };
    verb.add_option_function<std::string>("--expect-sha256", set_hash,
                                          "Refuse a feed with another SHA-256")
        ->type_name("HEX")
        ->group(reading_group);
}

void add_protection(CLI::App& verb, feed_arguments& given, feed_abilities of) {
    if (of.has_breadth) {
        verb.add_flag("--allow-wide", given.allow_wide,
                      "Take public suffixes too, and blocks wider than /16 (IPv6: /32)")
            ->group(guard_group);
    }
    if (!of.has_protection) return;
    verb.add_option("--protect", given.protect,
                    "Hold back what this file names, lies in it, or would take it in; any form")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->group(guard_group);
    verb.add_option("--mail-providers", given.mail_providers,
                    "Hold back the names in this file instead of large mail providers")
        ->type_name("FILE")
        ->group(guard_group);
    verb.add_flag("--no-protection", given.no_protection,
                  "Hold back no mail provider, nor the account's own domains and people")
        ->group(guard_group);
}

void add_guards(CLI::App& verb, feed_arguments& given, feed_abilities of) {
    auto const number = [&](char const* name, auto& into, char const* help) {
        add_number(verb, name, into, help, "from 0 on")->group(guard_group);
    };
    auto const percent = [&](char const* name, int& into, char const* help) {
        add_number(verb, name, into, help, "from 0 to 100")->group(guard_group);
    };
    percent("--max-rejected-percent", given.max_rejected_percent,
            "Refuse a feed of which ten lines and a larger share are rejected [10]");
    number("--min-entries", given.min_entries, "Refuse a feed of fewer entries [0]");
    number("--max-create", given.max_create, "Refuse to create more entries");
    if (!of.has_owners) return;
    percent("--max-delete-percent", given.max_delete_percent,
            "Refuse to delete a larger share of the owner's entries; three may always go [30]");
    number("--max-delete", given.max_delete, "Refuse to delete more entries");
    verb.add_flag("--allow-empty", given.allow_empty, "Let an empty feed prune")
        ->group(guard_group);
    verb.add_flag("--allow-cut", given.allow_cut, "Let a feed prune whose last line has no end")
        ->group(guard_group);
}

void add_owner(CLI::App& verb, feed_arguments& given) {
    verb.add_option("--owner", given.owner,
                    "Mark what is created as this owner's, in comments or notes")
        ->type_name("NAME");
    verb.add_flag(
        "--prune", given.prune,
        "Delete what is the owner's and not in the feed; what other owners mark too stays");
    verb.add_option("--keep-days", given.keep_days,
                    "Let what left the feed stay for so many days, marked with the date of that")
        ->type_name("N");
}

}  // namespace

std::shared_ptr<std::optional<es::feed_format>> add_format_option(CLI::App& verb,
                                                                  std::string const& help,
                                                                  bool has_text) {
    auto format = std::make_shared<std::optional<es::feed_format>>();
    add_format(verb, *format, written_forms(has_text), help);
    return format;
}

void add_progress_option(CLI::App& verb, progress_form& into) {
    auto const set_progress = [&into](std::string const& given) {
        constexpr std::array<std::string_view, 3> names{"auto", "always", "never"};
        auto const text = programs::as_spelt(names, given);
        if (text != "auto" && text != "always" && text != "never") {
            throw CLI::ValidationError("--progress",
                                       "must be auto, always or never, not '" + text + '\'');
        }
        into = text == "auto"     ? progress_form::automatic
               : text == "always" ? progress_form::always
                                  : progress_form::never;
    };
    verb.add_option_function<std::string>("--progress", set_progress,
                                          "On stderr; auto: on a terminal [auto]")
        ->type_name("auto|always|never");
}

std::shared_ptr<feed_arguments> add_feed_arguments(CLI::App& verb, feed_abilities of) {
    auto given = std::make_shared<feed_arguments>();
    bool const is_plan = verb.get_name() == "plan";
    auto* const feed = verb.add_option("FEED", given->path, "File with the entries; - is stdin");
    feed->type_name("")->required(is_plan);
    add_format(verb, given->format, read_forms(of.has_text),
               "Form of the feed [recognised by its content]")
        ->group(reading_group);
    if (of.has_owners) add_owner(verb, *given);
    add_reading(verb, *given, of);
    add_protection(verb, *given, of);
    add_guards(verb, *given, of);
    if (of.has_cover) {
        verb.add_flag(
            "--drop-covered", given->drop_covered,
            "Leave out what a wider pattern of the feed covers: a subdomain, a block in a block");
    }
    verb.add_flag("--keep-duplicates", given->keep_duplicates,
                  "Delete none of several equal entries of the list, but tell them");
    add_number(verb, "--batch-size", given->batch_size, "Changes of a kind in a request [1000]",
               "from 1 to 1000");
    verb.add_option("--report", given->report, "Write the report to this file too, as JSON")
        ->type_name("FILE");
    add_progress_option(verb, given->progress);
    verb.add_flag("--detailed-exitcode", given->ending.tells_changes,
                  is_plan ? "Exit with 2 when there is something to do"
                          : "Exit with 2 when something was changed");
    add_number(verb, "--allow-rejected", given->ending.allowed_rejected,
               "Exit with 0, not 3, when no more lines than that are rejected [0]", "from 0 on");
    verb.add_flag("--all", given->show_all,
                  is_plan ? "Show all changes, however many there are"
                          : "Before it asks, show all changes, however many there are");
    if (is_plan) {
        if (of.has_conflicts) {
            verb.add_flag("--check-conflicts", given->check_conflicts,
                          "Tell which blocked patterns an allow policy trusts");
        }
        verb.add_option("--out", given->out, "Save the plan to this file, for sync --plan")
            ->type_name("FILE");
    } else {
        auto* const plan =
            verb.add_option("--plan", given->plan,
                            "Apply a saved plan instead of a feed, if the list is as it was");
        plan->type_name("FILE");
        verb.add_flag("--resume", given->resume,
                      "Parts of the saved plan may be done already, as after an interruption")
            ->needs(plan);
        add_journal_arguments(verb, given->journal);
    }
    return given;
}

void require_valid(es::sync_options const& options) {
    auto const valid = options.validate();
    if (valid) return;
    auto const detail = valid.error().detail();
    auto const end = std::min(detail.find(' '), detail.size());
    throw usage_error(option_name(detail.substr(0, end)) + detail.substr(end));
}

es::sync_options sync_options_of(feed_arguments const& given, global_options const& globals) {
    es::sync_options options;
    options.owner(given.owner)
        .prune(given.prune)
        .keep_days(given.keep_days)
        .max_delete_percent(given.max_delete_percent)
        .max_delete(given.max_delete)
        .max_create(given.max_create)
        .min_entries(given.min_entries)
        .max_rejected_percent(given.max_rejected_percent)
        .allow_empty(given.allow_empty)
        .allow_cut(given.allow_cut)
        .keep_duplicates(given.keep_duplicates)
        .batch_size(given.batch_size);
    if (globals.connections) options.concurrency(*globals.connections);
    require_valid(options);
    return options;
}

es::feed_reading reading_of(feed_arguments const& given,
                            std::span<cloudflare::wire::field const> fields) {
    es::feed_reading how;
    how.format = given.format;
    how.allow_empty = given.prune;  // the guard says which option lets it prune
    how.from_urls = given.from_urls;
    how.wildcards = given.wildcards;
    how.comments_from_feed = given.comments_from_feed;
    how.columns = given.columns;
    how.name = given.path;
    for (auto const& each : given.columns) {
        auto const is_it = [&each](auto const& field) { return field.name == each.first; };
        if (each.first == es::expiry_name || std::ranges::any_of(fields, is_it)) continue;
        std::string known;
        for (auto const& field : fields) {
            if (field.is_deprecated) continue;
            known += (known.empty() ? "" : ", ") + std::string{field.name};
        }
        known.append(", ").append(es::expiry_name);
        throw usage_error("--column: there is no field '" + each.first + "'; there are " + known);
    }
    return how;
}

es::protection protection_of(feed_arguments const& given) {
    es::protection made;
    made.allow_wide(given.allow_wide);
    for (auto const& path : given.protect) {
        if (auto const failed = made.add_file(path)) {
            throw usage_error("--protect: " + failed->detail());
        }
    }
    if (given.no_protection) return made;
    if (given.mail_providers.empty()) {
        made.add_mail_providers();
        return made;
    }
    if (auto const failed = made.add_mail_providers(given.mail_providers)) {
        throw usage_error("--mail-providers: " + failed->detail());
    }
    return made;
}

void check_source(CLI::App const& verb, feed_arguments const& given) {
    if (given.plan.empty()) {
        if (given.path.empty()) throw usage_error("FEED is required, or --plan FILE");
        return;
    }
    constexpr std::array fitting{"--plan",          "--resume",    "--batch-size",
                                 "--report",        "--progress",  "--journal",
                                 "--no-journal",    "--wait-lock", "--detailed-exitcode",
                                 "--allow-rejected"};
    for (auto const* const each : verb.get_options()) {
        auto const name = each->get_name();
        if (each->count() > 0 && std::ranges::find(fitting, name) == fitting.end()) {
            throw usage_error(name + " does not go with --plan: all that is in the saved plan");
        }
    }
}

output_files open_outputs(feed_arguments const& given) {
    auto const& input = given.plan.empty() ? given.path : given.plan;
    auto const refuse_one = [] { throw usage_error("--out and --report must be two files"); };
    if (!given.out.empty() && given.out == given.report) refuse_one();
    output_files files;
    if (!given.report.empty()) {
        files.report = std::make_shared<output_file>("--report", given.report, input);
    }
    if (!given.out.empty()) files.plan = std::make_shared<output_file>("--out", given.out, input);
    if (files.report && files.plan && files.report->is_same(*files.plan)) refuse_one();
    return files;
}

bool write_report(output_files const& files, std::string const& document) {
    if (!files.report) return true;
    files.report->stream() << document;
    return files.report->finish();
}

}  // namespace cfes
