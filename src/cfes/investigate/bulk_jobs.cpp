#include "investigate/investigate_verbs.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/bulk_jobs.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cfes {

namespace {

es::bulk_jobs jobs_in(session const& with) {
    return {with.client(), with.account_id()};
}

asio::awaitable<int> run_create(session& with, es::new_bulk_job what) {
    auto const got = co_await jobs_in(with).create(std::move(what));
    co_return show_result(with, got);
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
    auto helps = search_helps();
    helps.push_back({"exact_subject", "The whole subject"});
    helps.push_back({"submissions", "Search what was submitted [false]"});
    auto const* const search = find_field<es::new_bulk_job>("search_params");
    std::shared_ptr<es::bulk_search> const terms{
        job, static_cast<es::bulk_search*>(search->address(job.get()))};
    add_field_options(verb, {.helps = std::move(helps), .group = "Which messages"}, terms);
    on_verb(line, verb, [job] {
        require_valid(job->validate());
        return [job](session& with) { return run_create(with, *job); };
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

asio::awaitable<int> run_wait(session& with, cf::identifier id, es::bulk_wait how) {
    auto const got = co_await jobs_in(with).wait(std::move(id), how);
    auto const status = show_result(with, got);
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
    add_verb_for_id(line, collection, "bulk-cancel", "End a job before its time", "The job",
                    &show_of<bulk_jobs, &bulk_jobs::cancel>);
    add_verb_for_id(line, collection, "bulk-delete", "Delete a job that has ended", "The job",
                    &show_of<bulk_jobs, &bulk_jobs::remove>);
}

}  // namespace cfes
