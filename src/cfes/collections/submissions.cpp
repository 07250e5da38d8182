#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/submissions.hpp>

namespace cfes {

namespace {

asio::awaitable<int> run_list(session& with, es::submission_filter which) {
    es::submissions const from{with.client(), with.account_id()};
    auto const got = co_await read_list(from, std::move(which));
    co_return show_result(
        with, got,
        {"submission_id", "type", "status", "requested_at", "requested_by", "original_disposition",
         "requested_disposition", "outcome_disposition", "subject"});
}

}  // namespace

void add_submissions(command_line& line) {
    auto& collection =
        add_collection(line, area::mail, "submissions", "Requests to reclassify messages");
    add_list<es::submission_filter>(
        line,
        *collection.add_subcommand("list", "List submissions, all of the last 30 days by default"),
        {{"type", "Who made it", "TEAM|USER"},
         {"submission_id", "Only this one"},
         {"original_disposition", "What it was found to be"},
         {"requested_disposition", "What it should have been"},
         {"outcome_disposition", "What came out"},
         {"status", "Only those of this status"},
         {"query", "Only those that match this text"},
         {"escalated_from_user", "Only those that a user's submission led to, or only the others"}},
        &run_list);
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
