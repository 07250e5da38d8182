#include "feed_options.hpp"

#include "fields.hpp"
#include "files.hpp"
#include "output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace cfes {

namespace es = cloudflare::email_security;

namespace {

void add_format(CLI::App& verb, std::optional<es::feed_format>& into, std::string const& help,
                bool has_text) {
    auto const store = [&into, has_text](std::string const& text) {
        into = cloudflare::from_wire_name<es::feed_format>(text);
        if (!into || (into == es::feed_format::text && !has_text)) {
            std::string const forms = has_text ? "text, csv or jsonl" : "csv or jsonl";
            throw CLI::ValidationError("--format", "must be " + forms + ", not '" + text + '\'');
        }
    };
    verb.add_option_function<std::string>("--format", store, help)
        ->type_name(has_text ? "text|csv|jsonl" : "csv|jsonl");
}

void add_owner(CLI::App& verb, feed_arguments& given) {
    verb.add_option("--owner", given.owner, "Mark what is created as this owner's, in comments")
        ->type_name("NAME");
    verb.add_flag("--prune", given.prune, "Delete what is the owner's and not in the feed");
    verb.add_option("--max-delete-percent", given.max_delete_percent,
                    "Refuse to delete a larger share of the owner's entries [30]")
        ->type_name("N");
    verb.add_flag("--force", given.force, "Delete however many there are");
}

}  // namespace

std::shared_ptr<std::optional<es::feed_format>> add_format_option(CLI::App& verb,
                                                                  std::string const& help,
                                                                  bool has_text) {
    auto format = std::make_shared<std::optional<es::feed_format>>();
    add_format(verb, *format, help, has_text);
    return format;
}

std::shared_ptr<feed_arguments> add_feed_arguments(CLI::App& verb, feed_abilities of) {
    auto given = std::make_shared<feed_arguments>();
    bool const is_plan = verb.get_name() == "plan";
    auto* const feed = verb.add_option("FEED", given->path, "File with the entries; - is stdin");
    feed->type_name("")->required(is_plan);
    add_format(verb, given->format, "Form of the feed [by ending and content]", of.has_text);
    if (of.has_owners) add_owner(verb, *given);
    if (of.has_cover) {
        verb.add_flag(
            "--drop-covered", given->drop_covered,
            "Leave out what a wider pattern of the feed covers: a subdomain, a block in a block");
    }
    verb.add_flag("--keep-duplicates", given->keep_duplicates,
                  "Delete none of several equal entries of the list, but tell them");
    verb.add_option("--batch-size", given->batch_size, "Changes of a kind in a request [1000]")
        ->type_name("N");
    verb.add_option("--report", given->report, "Write the report to this file too, as JSON")
        ->type_name("FILE");
    auto const set_progress = [given](std::string const& text) {
        if (text != "auto" && text != "always" && text != "never") {
            throw CLI::ValidationError("--progress",
                                       "must be auto, always or never, not '" + text + '\'');
        }
        given->progress = text == "auto"     ? progress_form::automatic
                          : text == "always" ? progress_form::always
                                             : progress_form::never;
    };
    verb.add_option_function<std::string>("--progress", set_progress,
                                          "On stderr; auto: on a terminal [auto]")
        ->type_name("auto|always|never");
    if (is_plan) {
        verb.add_flag("--detailed-exitcode", given->detailed_exit_code,
                      "Exit with 2 when there is something to do");
        if (of.has_conflicts) {
            verb.add_flag("--check-conflicts", given->check_conflicts,
                          "Tell which blocked patterns an allow policy trusts");
        }
        verb.add_flag("--all", given->show_all, "Show all changes, however many there are");
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
    }
    return given;
}

es::sync_options sync_options_of(feed_arguments const& given, global_options const& globals) {
    es::sync_options options;
    options.owner(given.owner)
        .prune(given.prune)
        .max_delete_percent(given.max_delete_percent)
        .force(given.force)
        .keep_duplicates(given.keep_duplicates)
        .batch_size(given.batch_size);
    if (globals.connections) options.concurrency(*globals.connections);
    if (auto const valid = options.validate(); !valid) {
        auto const detail = valid.error().detail();
        auto const end = std::min(detail.find(' '), detail.size());
        throw usage_error(option_name(detail.substr(0, end)) + detail.substr(end));
    }
    return options;
}

void check_source(CLI::App const& verb, feed_arguments const& given) {
    if (given.plan.empty()) {
        if (given.path.empty()) throw usage_error("FEED is required, or --plan FILE");
        return;
    }
    constexpr std::array fitting{"--plan", "--resume", "--batch-size", "--report", "--progress"};
    for (auto const* const each : verb.get_options()) {
        auto const name = each->get_name();
        if (each->count() > 0 && std::ranges::find(fitting, name) == fitting.end()) {
            throw usage_error(name + " does not go with --plan: all that is in the saved plan");
        }
    }
}

namespace {

/// A new empty file in the same directory, of a name that nothing else has.
std::string create_beside(std::string const& path) {
    auto name = path + ".XXXXXX";
    auto const file = ::mkstemp(name.data());
    if (file < 0) {
        throw usage_error("cannot write " + path + ": " + std::generic_category().message(errno));
    }
    // mkstemp lets nobody else read it; other new files are as the umask says.
    auto const mask = ::umask(0);
    ::umask(mask);
    ::fchmod(file, 0666 & ~mask);
    ::close(file);
    return name;
}

}  // namespace

output_file::output_file(std::string const& option, std::string const& path,
                         std::string const& input)
    : path_{path} {
    namespace fs = std::filesystem;
    std::error_code none;
    // A link stays one, and what it leads to is replaced.
    if (fs::is_symlink(path_, none) && fs::exists(path_, none)) path_ = fs::canonical(path_, none);
    bool const is_special = fs::exists(path_, none) && !fs::is_regular_file(path_, none);
    if (fs::equivalent(path_, input, none)) {
        throw usage_error(option + ' ' + path + " would overwrite " + input);
    }
    written_ = is_special ? path_ : create_beside(path_);
    open_for_writing(file_, written_);
}

output_file::~output_file() {
    if (written_ != path_) std::remove(written_.c_str());
}

bool output_file::finish() {
    file_.close();
    bool const is_whole = !file_.fail();
    if (is_whole && written_ == path_) return true;
    if (is_whole && std::rename(written_.c_str(), path_.c_str()) == 0) {
        written_ = path_;
        return true;
    }
    complain("cannot write " + path_);
    return false;
}

output_files open_outputs(feed_arguments const& given) {
    auto const& input = given.plan.empty() ? given.path : given.plan;
    if (!given.out.empty() && given.out == given.report) {
        throw usage_error("--out and --report must be two files");
    }
    output_files files;
    if (!given.report.empty()) {
        files.report = std::make_shared<output_file>("--report", given.report, input);
    }
    if (!given.out.empty()) files.plan = std::make_shared<output_file>("--out", given.out, input);
    return files;
}

bool write_report(output_files const& files, std::string const& document) {
    if (!files.report) return true;
    files.report->stream() << document;
    return files.report->finish();
}

}  // namespace cfes
