#include "collections/collections.hpp"
#include "files.hpp"
#include "given_names.hpp"
#include "investigate/message_finding.hpp"
#include "tally.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/submissions.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cfes {

namespace {

asio::awaitable<int> run_list(session& with, es::submission_filter which, columns shown) {
    es::submissions const from{with.client(), with.account_id()};
    auto printing = print_list(with, from, std::move(which), std::move(shown));
    co_return co_await std::move(printing);
}

auto const was_accepted = [](es::submission_result const& each) { return each.accepted; };

int show_submitted(session const& with, cf::result<es::submission_results> const& got) {
    if (!got) return complain_about(with, got.error());
    return show_outcomes(with, cf::result<std::vector<es::submission_result>>{got->results},
                         "not accepted", was_accepted);
}

/// What is the same of all the messages of a reclassification.
struct reclassify_arguments {
    std::optional<es::submission_disposition> expected_disposition;
    std::optional<std::string> escalated_submission_id;
};
BOOST_DESCRIBE_STRUCT(reclassify_arguments, (), (expected_disposition, escalated_submission_id))

es::reclassification reclassification_of(std::string const& alert,
                                         reclassify_arguments const& what) {
    es::reclassification made{alert, *what.expected_disposition};
    if (what.escalated_submission_id) made.escalated_submission_id(*what.escalated_submission_id);
    return made;
}

asio::awaitable<int> run_reclassify(session& with, given_names names, reclassify_arguments what) {
    std::vector<es::reclassification> messages;
    tally ended{with, names.is_one};
    for (auto const& each : names.all) {
        auto finding = find_alert_id(with, each);
        auto const alert = co_await std::move(finding);
        if (!alert && names.is_one) co_return complain_about_id(with, alert.error());
        if (!alert) {
            ended.fail(each, alert.error());
            if (!ended.may_go_on()) break;
            continue;
        }
        messages.push_back(reclassification_of(*alert, what));
    }
    if (ended.status() != done) {
        complain("nothing was submitted");
        co_return ended.status();
    }
    es::submissions const from{with.writer(), with.account_id()};
    auto const got = co_await from.reclassify(std::move(messages));
    co_return show_submitted(with, got);
}

void add_reclassify(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "reclassify", "Ask for another disposition of messages that were detected");
    auto const alerts = std::make_shared<std::vector<std::string>>();
    verb.add_option("ALERT_ID", *alerts,
                    "The messages: their alert_ids, ids, postfix_ids or Message-IDs; - is stdin, "
                    "one a line")
        ->required()
        ->type_name("");
    auto const what = add_field_options<reclassify_arguments>(
        verb,
        {.helps = {{"expected_disposition", "What they should have been found to be"},
                   {"escalated_submission_id", "The user's submission that this one escalates"}},
         .required = {"expected_disposition"}});
    add_dry_run(line, verb);
    on_verb(line, verb, [alerts, what] {
        auto const names = read_names(*alerts);
        for (auto const& each : names.all) {
            require_valid(reclassification_of(each, *what).validate());
        }
        return [names, what](session& with) { return run_reclassify(with, names, *what); };
    });
}

asio::awaitable<int> run_report_missed(session& with, es::missed_detection message) {
    es::submissions const from{with.writer(), with.account_id()};
    std::vector messages{std::move(message)};
    auto const got = co_await from.report_missed(std::move(messages));
    co_return show_submitted(with, got);
}

void add_report_missed(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("report-missed",
                                            "Report a message in which nothing was detected");
    auto const message = add_field_options<es::missed_detection>(
        verb,
        {.helps = {{"postfix_id", "The message's postfix_id"},
                   {"message_id", "Message-ID of its header"},
                   {"recipient_emails", "Addresses that it came to"},
                   {"expected_disposition", "What it should have been found to be"},
                   {"escalated_submission_id", "The user's submission that this one escalates"}},
         .required = {"postfix_id", "message_id", "recipient_emails", "expected_disposition"},
         .without = {"eml_content"}});
    auto const eml = std::make_shared<std::string>();
    auto const* const option =
        verb.add_option("--eml", *eml, "The message as a file, up to 25 MiB; - is stdin")
            ->type_name("FILE");
    add_dry_run(line, verb);
    on_verb(line, verb, [message, eml, option] {
        if (option->count() > 0 && eml->empty()) throw usage_error("--eml names no file");
        if (option->count() > 0) {
            message->eml(read_regular_file(*eml, es::missed_detection::max_eml_size));
        }
        require_valid(message->validate());
        return [message](session& with) { return run_report_missed(with, *message); };
    });
}

}  // namespace

void add_submissions(command_line& line) {
    auto& collection =
        add_collection(line, area::mail, "submissions", "Requests to judge messages anew");
    add_list<es::submission, es::submission_filter>(
        line,
        *collection.add_subcommand("list", "List submissions, all of the last 30 days by default"),
        {{"type", "Who made it", "TEAM|USER"},
         {"submission_id", "Only this one"},
         {"original_disposition", "What it was found to be"},
         {"requested_disposition", "What it should have been"},
         {"outcome_disposition", "What came out"},
         {"status", "Only those of this status: escalated, reviewed, unreviewed", "NAME"},
         {"query", "Only those that match this text"},
         {"escalated_from_user", "Only those that a user's submission led to, or only the others"}},
        {"submission_id", "type", "status", "requested_at", "requested_by", "original_disposition",
         "requested_disposition", "outcome_disposition", "subject"},
        &run_list);
    add_reclassify(line, collection);
    add_report_missed(line, collection);
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
