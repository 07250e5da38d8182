#include "investigate/investigate_verbs.hpp"
#include "investigate/message_finding.hpp"
#include "question.hpp"
#include "times.hpp"
#include "verbs.hpp"

#include <cloudflare/detail/counted.hpp>
#include <cloudflare/email_security/bulk_jobs.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cfes {

namespace {

es::bulk_jobs jobs_in(session const& with) {
    return {with.client(), with.account_id()};
}

/// What a job is to be made from, and what is agreed on already.
struct job_arguments {
    bool all_messages = false;
    std::optional<std::size_t> max;
};

es::bulk_search const& search_of(es::new_bulk_job const& job) {
    auto const* const search = find_field<es::new_bulk_job>("search_params");
    return *static_cast<es::bulk_search const*>(
        search->address(const_cast<es::new_bulk_job*>(&job)));
}

/// The text of one of its fields; empty when it is not there.
std::string text_of(es::bulk_search const& search, std::string_view name) {
    auto const* const field = find_field<es::bulk_search>(name);
    auto* const where = field->address(const_cast<es::bulk_search*>(&search));
    return field->how->is_present(where) ? cf::wire::to_text(*field->how, where) : std::string{};
}

/// Whether it leaves anything out beside what every search does.
/// @throws usage_error when a text is empty, as an unset variable of a shell gives it.
bool is_restricted(es::bulk_search const& search) {
    constexpr std::string_view choices_of_store[] = {"detections_only", "submissions"};
    bool has_terms = false;
    for (auto const& field : cf::wire::fields_of<es::bulk_search>()) {
        auto* const where = field.address(const_cast<es::bulk_search*>(&search));
        if (field.is_deprecated || !field.how->is_present(where)) continue;
        if (std::ranges::find(choices_of_store, field.name) != std::end(choices_of_store)) continue;
        if (cf::wire::to_text(*field.how, where).empty()) {
            throw usage_error(option_name(field.name) + " is empty: that would leave nothing out");
        }
        has_terms = true;
    }
    return has_terms;
}

/// The messages that a job would find, as far as a search can tell: it knows nothing of what was
/// submitted.
asio::awaitable<cf::result<std::optional<std::vector<es::message>>>> find_beforehand(
    session const& with, es::bulk_search search) {
    if (text_of(search, "submissions") == "true") {
        co_return std::optional<std::vector<es::message>>{};
    }
    es::message_filter which;
    es::copy_fields(cf::wire::fields_of<es::bulk_search>(), &search,
                    cf::wire::fields_of<es::message_filter>(), &which);
    auto const subject = text_of(search, "exact_subject");
    if (!subject.empty() && text_of(search, "subject").empty()) which.subject(subject);
    auto finding = find_messages(with, std::move(which));
    auto found = co_await std::move(finding);
    if (!found) co_return found.error();
    if (!subject.empty()) {
        std::erase_if(*found, [&subject](es::message const& each) {
            return !each.subject || !boost::algorithm::iequals(*each.subject, subject);
        });
    }
    co_return std::optional{std::move(*found)};
}

/// What it does, to how many.
std::string describe_job(es::new_bulk_job const& job, std::optional<std::size_t> count) {
    auto const text_at = [&job](std::string_view name) {
        auto const* const field = find_field<es::new_bulk_job>(name);
        return cf::wire::to_text(*field->how, field->address(const_cast<es::new_bulk_job*>(&job)));
    };
    auto const messages = count ? cf::counted(*count, "message") : "messages";
    if (text_at("action") == "RELEASE") return "release " + messages + " from the quarantine";
    return "move " + messages + " to " + text_at("destination");
}

/// Counts the messages and asks; `done` is yes.
asio::awaitable<int> agree(session& with, es::new_bulk_job const& what, job_arguments given) {
    require_answer(with, describe_job(what, {}));
    // Who has agreed already, and to any number, does not wait for the search.
    if (with.globals().yes && !given.max) co_return done;
    auto finding = find_beforehand(with, search_of(what));
    auto const found = co_await std::move(finding);
    if (!found) co_return complain_about(with, found.error());
    auto const count = *found ? std::optional{(*found)->size()} : std::nullopt;
    if (given.max && (!count || *count > *given.max)) {
        complain((count ? cf::counted(*count, "message matches", "messages match")
                        : std::string{"how many match is not known beforehand"}) +
                 ", and --max allows " + std::to_string(*given.max) + ": nothing was changed");
        co_return failed;
    }
    question about{describe_job(what, count), count, {}};
    if (*found) {
        for (auto const& each : **found) {
            if (about.first.size() < most_asked) about.first.push_back(describe(each));
        }
    }
    auto asking = ask(with, std::move(about));
    bool const is_agreed = co_await std::move(asking);
    co_return is_agreed ? done : failed;
}

asio::awaitable<int> run_create(session& with, es::new_bulk_job what, job_arguments given) {
    auto agreeing = agree(with, what, given);
    auto const answer = co_await std::move(agreeing);
    if (answer != done) co_return answer;
    es::bulk_jobs const jobs{with.writer(), with.account_id()};
    auto const got = co_await jobs.create(std::move(what));
    co_return show_done(with, got);
}

void add_create(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "bulk-create", "Start to move or release all messages that a search finds");
    auto const job =
        add_field_options<es::new_bulk_job>(verb, {.helps = {{"action", "What to do with them"},
                                                             {"destination", "Folder to move to"},
                                                             {"comment", "Anything"}},
                                                   .required = {"action"}});
    add_ended_option(verb, "--expected-disposition");
    add_dry_run(line, verb);
    auto helps = search_helps();
    helps.push_back({"exact_subject", "The whole subject"});
    helps.push_back({"submissions", "Search what was submitted [false]"});
    auto const* const search = find_field<es::new_bulk_job>("search_params");
    std::shared_ptr<es::bulk_search> const terms{
        job, static_cast<es::bulk_search*>(search->address(job.get()))};
    add_field_options(verb, {.helps = std::move(helps), .group = "Which messages"}, terms);
    auto const given = std::make_shared<job_arguments>();
    verb.add_flag("--all-messages", given->all_messages,
                  "Really: all messages of the last 30 days that are not benign");
    verb.add_option("--max", given->max, "Do nothing when more messages match")->type_name("N");
    on_verb(line, verb, [job, given] {
        require_valid(job->validate());
        bool const has_filter = is_restricted(search_of(*job));
        if (!has_filter && !given->all_messages) {
            throw usage_error(
                "bulk-create without a filter is about all messages: it needs one, or "
                "--all-messages");
        }
        if (has_filter && given->all_messages) {
            throw usage_error("--all-messages and a filter exclude each other");
        }
        return [job, given](session& with) { return run_create(with, *job, *given); };
    });
}

asio::awaitable<int> run_list(session& with, es::bulk_job_filter which, columns shown) {
    auto const from = jobs_in(with);
    auto printing = print_list(with, from, std::move(which), std::move(shown));
    co_return co_await std::move(printing);
}

/// The messages of one job, as a list of their own.
struct job_messages {
    es::bulk_jobs jobs;
    cf::identifier job;

    auto list(es::bulk_message_filter which) const { return jobs.messages(job, std::move(which)); }
    auto list_page(es::bulk_message_filter which) const {
        return jobs.messages_page(job, std::move(which));
    }
};

constexpr std::array<std::string_view, 7> shown_of_messages{
    "message_id",     "postfix_id",  "action_type", "status",
    "status_message", "retry_count", "processed_at"};

asio::awaitable<int> run_messages(session& with, cf::identifier id, es::bulk_message_filter which) {
    job_messages const from{jobs_in(with), std::move(id)};
    auto printing = print_list(with, from, std::move(which),
                               {shown_of_messages.begin(), shown_of_messages.end()});
    co_return co_await std::move(printing);
}

/// How many of a job's messages were not done, as far as any of its figures tell: an older API does
/// not count all kinds.
std::int64_t not_done(es::bulk_job const& job) {
    return std::max(es::count_not_done(job),
                    job.total_messages_discovered - job.messages_successful);
}

/// What has become of them, as `2 failed, 1 skipped`.
std::string describe_not_done(es::bulk_job const& job) {
    std::string text;
    auto const add = [&text](std::int64_t count, std::string_view what) {
        if (count <= 0) return;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + std::string{what};
    };
    add(job.messages_failed, "failed");
    add(job.messages_skipped, "skipped");
    add(job.messages_cancelled, "cancelled");
    add(job.messages_pending, "still pending");
    add(not_done(job) - es::count_not_done(job), "unaccounted for");
    return text;
}

/// Done when all its messages are; says what was not.
int exit_status_of(es::bulk_job const& job) {
    auto const missing = not_done(job);
    if (job.status != es::bulk_status::completed) {
        complain("the job ended as " + std::string{job.status.text()});
    }
    if (missing > 0) {
        auto const all = std::max(job.total_messages_discovered, missing);
        complain(std::to_string(missing) + " of " + std::to_string(all) +
                 " messages were not done: " + describe_not_done(job));
    }
    if (job.status != es::bulk_status::completed) return failed;
    if (missing <= 0) return done;
    return job.messages_successful > 0 ? done_in_part : failed;
}

/// Tells how far a job is: on a terminal in its last line, elsewhere in a line each time it is
/// news, once the waiting has taken two seconds.
class job_progress {
public:
    explicit job_progress(std::chrono::milliseconds interval) : interval_{interval} {}

    void show(es::bulk_job const& job) {
        auto const all = job.total_messages_discovered;
        auto text = "the job is " + std::string{job.status.text()};
        if (all > 0) {
            text += ", " + std::to_string(all - job.messages_pending) + '/' + std::to_string(all) +
                    " messages";
        }
        auto const next = "; looks again at " + to_time_of_day(current_time() + interval_);
        if (can_draw_status()) return draw_status(cut_end(to_line(text + next), room()));
        constexpr std::chrono::seconds shortest_told{2};
        if (text == told_ || std::chrono::steady_clock::now() - begun_ < shortest_told) return;
        note(text + next);
        told_ = std::move(text);
    }

private:
    /// The last column is the cursor's.
    static std::size_t room() { return width_of(STDERR_FILENO).value_or(80) - 1; }

    std::chrono::milliseconds interval_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::string told_;
};

asio::awaitable<int> run_wait(session& with, cf::identifier id, es::bulk_wait how) {
    job_progress progress{how.interval()};
    auto const on_look = [&progress](es::bulk_job const& job) { progress.show(job); };
    if (!with.globals().quiet) how.on_look(on_look);
    auto waiting = jobs_in(with).wait(id, std::move(how));
    auto const got = co_await std::move(waiting);
    end_status();
    if (!got) {
        bool const goes_on =
            got.error().code() == cf::errc::cancelled || got.error().code() == cf::errc::timed_out;
        co_return complain_about(
            with, got.error(),
            goes_on ? "the job goes on; cfes investigate bulk-cancel " + id.text() + " ends it"
                    : std::string{});
    }
    auto const status = show_done(with, got);
    co_return status == done ? exit_status_of(*got) : status;
}

void add_wait(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "bulk-wait", "Wait for the end of a job; exit status 0 when all was done");
    auto const id = add_id(verb, "The job");
    struct waiting {
        seconds_option interval;
        seconds_option deadline;
    };
    auto const given = std::make_shared<waiting>();
    add_seconds(verb, "--interval", "Between two looks at the job [5]", given->interval);
    add_seconds(verb, "--deadline", "When to stop waiting; the job goes on [3600]",
                given->deadline);
    on_verb(line, verb, [id, given] {
        es::bulk_wait how;
        if (given->interval) how.interval(*given->interval);
        if (given->deadline) how.timeout(*given->deadline);
        require_valid(how.validate());
        return [id = to_identifier(*id), how](session& with) { return run_wait(with, id, how); };
    });
}

}  // namespace

void add_bulk_jobs(command_line& line, CLI::App& collection) {
    using es::bulk_jobs;
    add_create(line, collection);
    add_list<es::bulk_job, es::bulk_job_filter>(
        line, *collection.add_subcommand("bulk-list", "List jobs, all of them by default"),
        {{"action_type", "Only jobs that do this"},
         {"status",
          "Only jobs of this status: PENDING, DISCOVERING, PROCESSING, COMPLETED, FAILED, "
          "CANCELLED",
          "NAME"}},
        {"job_id", "action_type", "status", "total_messages_discovered", "messages_pending",
         "messages_successful", "messages_failed", "messages_skipped", "messages_cancelled",
         "created_at", "comment"},
        &run_list);
    add_verb_for_id(line, collection, "bulk-get", "Show a job", "The job",
                    &show_of<bulk_jobs, &bulk_jobs::get>);
    auto& messages = *collection.add_subcommand("bulk-messages", "List the messages of a job");
    line.rows[&messages] = {wire::fields_of<es::bulk_message>(),
                            {shown_of_messages.begin(), shown_of_messages.end()}};
    add_verb_with_body<es::bulk_message_filter>(
        line, messages, "The job",
        {.helps = {{"status",
                    "Only messages of this status: PENDING, PROCESSING, COMPLETED, FAILED, "
                    "CANCELLED, SKIPPED",
                    "NAME"}}},
        &run_messages);
    add_wait(line, collection);
    add_dry_run(line, add_verb_for_id(line, collection, "bulk-cancel", "End a job before its time",
                                      "The job", &show_change<bulk_jobs, &bulk_jobs::cancel>));
    add_dry_run(line,
                add_verb_for_id(line, collection, "bulk-delete", "Delete a job that has ended",
                                "The job", &show_change<bulk_jobs, &bulk_jobs::remove>));
}

}  // namespace cfes
