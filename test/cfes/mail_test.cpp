#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <set>

using namespace test;

BOOST_AUTO_TEST_SUITE(mail)

namespace {

using words = std::vector<std::string>;

words operator+(words left, words const& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// The identifiers of the messages that a search finds, newest first.
words found_by(fixture const& f, words const& terms, std::string const& field = "id") {
    words ids;
    auto const found = f.document(words{"investigate", "list"} + terms);
    for (auto const& each : found.as_array()) ids.push_back(text_of(each.at(field)));
    return ids;
}

words const quarantined{"--delivery-status", "quarantined"};
words const delivered{"--delivery-status", "delivered"};

/// A failure of the API: one line on stderr with its code, and nothing else.
void check_missing(ended const& run) {
    BOOST_TEST(run.status == 5);
    BOOST_TEST(run.out.empty(), run.out);
    BOOST_TEST(lines_in(run.err) == 1, run.err);
    BOOST_TEST(run.err.find("(code 10404)") != std::string::npos, run.err);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_search_reads_all_pages_by_their_cursors) {
    fixture f;
    auto const all = found_by(f, {"--detections-only", "false"});
    BOOST_TEST(all.size() == 25U);
    f.server.take_log();
    BOOST_TEST(found_by(f, {"--detections-only", "false", "--per-page", "10"}) == all,
               boost::test_tools::per_element());
    auto const log = f.server.take_log();
    BOOST_TEST_REQUIRE(log.size() == 3U);
    BOOST_TEST(log[0].target.find("cursor=") == std::string::npos);
    BOOST_TEST(log[1].target.find("cursor=") != std::string::npos);
    BOOST_TEST(log[2].target.find("cursor=") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_page_of_a_search_tells_where_the_next_is) {
    fixture f;
    auto const all = found_by(f, {});
    auto const first = f.run({"investigate", "list", "--first-page", "--per-page", "10"});
    BOOST_TEST(first.status == 0, first.err);
    BOOST_TEST(lines_in(first.out) == 11);
    auto const at = first.err.find("--cursor ");
    BOOST_TEST_REQUIRE(at != std::string::npos, first.err);
    auto const cursor = first.err.substr(at + 9, first.err.find('\n') - at - 9);
    auto const second = found_by(f, {"--cursor", cursor, "--per-page", "5"});
    BOOST_TEST(second == words(all.begin() + 10, all.begin() + 15),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_search_has_all_filters) {
    fixture f;
    f.server.take_log();
    found_by(f, {"--start",
                 "2026-01-31",
                 "--end",
                 "2026-02-28T12:00:00.5+01:00",
                 "--query",
                 "bob jones",
                 "--detections-only",
                 "false",
                 "--final-disposition",
                 "SPAM",
                 "--metric",
                 "m",
                 "--message-action",
                 "MOVED",
                 "--recipient",
                 "r@corp.example",
                 "--sender",
                 "s@corp.example",
                 "--alert-id",
                 "a",
                 "--domain",
                 "corp.example",
                 "--message-id",
                 "<m@corp.example>",
                 "--subject",
                 "hello",
                 "--delivery-status",
                 "moved"});
    auto const log = f.server.take_log();
    BOOST_TEST_REQUIRE(log.size() == 1U);
    for (auto const* const each :
         {"start=2026-01-31T00%3A00%3A00", "end=2026-02-28T11%3A00%3A00.5", "query=bob%20jones",
          "detections_only=false", "final_disposition=SPAM", "metric=m", "message_action=MOVED",
          "recipient=r%40corp.example", "sender=s%40corp.example", "alert_id=a",
          "domain=corp.example", "message_id=%3Cm%40corp.example%3E", "subject=hello",
          "delivery_status=moved"}) {
        BOOST_TEST(log[0].target.find(each) != std::string::npos, each << " in " << log[0].target);
    }
}

BOOST_AUTO_TEST_CASE(a_search_that_takes_longer_is_waited_for) {
    fixture f;
    BOOST_TEST(found_by(f, {"--query", "simulate-slow"}) == found_by(f, {}),
               boost::test_tools::per_element());
    auto const late =
        f.run({"investigate", "list", "--query", "simulate-slow", "--timeout", "0.5"});
    BOOST_TEST(late.status == 75);
    BOOST_TEST(late.out.empty(), late.out);
    BOOST_TEST(lines_in(late.err) == 1, late.err);
}

BOOST_AUTO_TEST_CASE(a_search_is_a_table_of_what_matters) {
    fixture f;
    auto const table = f.run(words{"investigate", "list"} + quarantined);
    BOOST_TEST(table.status == 0, table.err);
    BOOST_TEST(table.out.starts_with("id "), table.out);
    auto const header = table.out.substr(0, table.out.find('\n'));
    BOOST_TEST(header.ends_with("final_disposition  delivery_status"), header);
    BOOST_TEST(f.run({"investigate", "list", "--query", "nothing-has-this"}).out ==
               "id  scanned_at  from  to  subject  final_disposition  delivery_status\n");
}

BOOST_AUTO_TEST_CASE(submitted_messages_are_kept_apart) {
    fixture f;
    auto const id = found_by(f, {"--final-disposition", "MALICIOUS"}).at(0);
    BOOST_TEST(!f.document({"investigate", "get", id}).at("is_phish_submission").as_bool());
    BOOST_TEST(
        f.document({"investigate", "get", id, "--submission"}).at("is_phish_submission").as_bool());
}

BOOST_AUTO_TEST_CASE(the_details_of_a_message) {
    fixture f;
    auto const id = found_by(f, quarantined).at(0);
    auto const message = f.document({"investigate", "get", id});
    BOOST_TEST(text_of(message.at("id")) == id);
    BOOST_TEST(message.at("is_quarantined").as_bool());
    auto const record = f.run({"investigate", "get", id});
    BOOST_TEST(record.out.find("\nis_quarantined        true\n") != std::string::npos, record.out);
    BOOST_TEST(record.out.find("\nvalidation\n  dkim   fail\n") != std::string::npos, record.out);

    auto const why = f.document({"investigate", "detections", id});
    BOOST_TEST(!why.at("findings").as_array().empty());
    auto const shown = f.run({"investigate", "detections", id}).out;
    BOOST_TEST(shown.find("\nfindings\n  detail ") != std::string::npos, shown);
    BOOST_TEST(shown.find("  0.9  ") != std::string::npos, shown);

    auto const trace = f.document({"investigate", "trace", id});
    BOOST_TEST(!trace.at("inbound").at("lines").as_array().empty());
    auto const lines = f.run({"investigate", "trace", id}).out;
    BOOST_TEST(lines.starts_with("inbound\n  lines\n    lineno  logged_at "), lines);

    BOOST_TEST(f.document({"investigate", "action-log", id}).as_array().empty());
    for (auto const* const verb : {"get", "detections", "trace", "action-log", "raw", "preview"}) {
        check_missing(f.run({"investigate", verb, "nosuch"}));
    }
}

BOOST_AUTO_TEST_CASE(a_message_and_its_picture_are_written_as_files) {
    fixture f;
    auto const id = found_by(f, quarantined).at(0);
    auto const document = f.document({"investigate", "raw", id});
    auto const raw = f.run({"investigate", "raw", id});
    BOOST_TEST(raw.out == text_of(document.at("raw")));
    BOOST_TEST(raw.out.starts_with("From: "));

    constexpr std::string_view png{"\x89PNG\r\n\x1a\n"};
    BOOST_TEST(f.run({"investigate", "preview", id}).out.starts_with(png));
    BOOST_TEST(f.document({"investigate", "preview", id}).as_object().contains("screenshot"));
    auto const benign = found_by(f, {"--detections-only", "false", "--final-disposition", "NONE"});
    BOOST_TEST(f.run({"investigate", "create-preview", benign.at(0)}).out.starts_with(png));
    BOOST_TEST(f.document({"investigate", "create-preview", benign.at(0)})
                   .as_object()
                   .contains("screenshot"));
    check_missing(f.run({"investigate", "create-preview", "nosuch"}));
    BOOST_TEST(f.run({"investigate", "create-preview", ""}).status == 64);
}

BOOST_AUTO_TEST_CASE(a_terminal_is_shown_no_picture) {
    fixture f;
    auto const id = found_by(f, quarantined).at(0);
    f.server.take_log();
    // `script` gives the command a terminal.
    auto const on_terminal = [&f](std::string const& arguments) {
        program running{{"/usr/bin/script", "-qec",
                         CFES " " + arguments + " --ca-file " + f.ca_file, "/dev/null"},
                        f.environment()};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        return result;
    };
    auto const refused = on_terminal("investigate preview " + id);
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.out.find("redirect") != std::string::npos, refused.out);
    BOOST_TEST(f.server.take_log().empty());
    auto const raw = on_terminal("investigate raw " + id);
    BOOST_TEST(raw.status == 0);
    BOOST_TEST(raw.out.starts_with("From: "), raw.out);
}

BOOST_AUTO_TEST_CASE(messages_are_moved_and_released) {
    fixture f;
    auto const there = found_by(f, delivered);
    auto const held = found_by(f, quarantined);
    auto const moving = f.run({"investigate", "move", there.at(0), "--destination", "DeletedItems",
                               "--expected-disposition", "SPAM", "--output", "json"});
    BOOST_TEST(moving.status == 0, moving.err);
    BOOST_TEST(moving.err.find("--expected-disposition has no effect") != std::string::npos,
               moving.err);
    BOOST_TEST(moving.document().at(0).at("success").as_bool());
    BOOST_TEST(f.server.take_log().back().body == R"({"destination":"DeletedItems"})");
    auto const many = f.document(
        {"investigate", "move", there.at(1), there.at(2), "--destination", "JunkEmail", "--yes"});
    BOOST_TEST(many.as_array().size() >= 2U);
    auto const log = f.server.take_log();
    BOOST_REQUIRE(log.size() == 1U);
    BOOST_TEST(log.back().target.ends_with("/investigate/move"));
    auto const actions = f.run({"investigate", "action-log", there.at(0)});
    BOOST_TEST(actions.out.find("\nMOVE ") != std::string::npos, actions.out);
    BOOST_TEST(actions.out.find("folder=DeletedItems") != std::string::npos, actions.out);

    auto const in_part =
        f.run({"investigate", "move", there.at(0), held.at(0), "--destination", "Inbox", "--yes"});
    BOOST_TEST(in_part.status == 3);
    BOOST_TEST(in_part.out.starts_with("success "), in_part.out);
    BOOST_TEST(in_part.err.find("not moved") != std::string::npos, in_part.err);
    BOOST_TEST(f.run({"investigate", "move", held.at(0), "--destination", "Inbox"}).status == 1);

    auto const released = f.document({"investigate", "release", held.at(0), held.at(1), "--yes"});
    BOOST_TEST(released.as_array().size() == 2U);
    BOOST_TEST(!f.document({"investigate", "get", held.at(0)}).at("is_quarantined").as_bool());
    BOOST_TEST(found_by(f, quarantined).size() == held.size() - 2);

    BOOST_TEST(f.run({"investigate", "move", there.at(0)}).status == 64);
    BOOST_TEST(f.run({"investigate", "move", "--destination", "Inbox"}).status == 64);
    BOOST_TEST(f.run({"investigate", "release"}).status == 64);
    auto const nowhere = f.run({"investigate", "move", there.at(0), "--destination", "Attic"});
    BOOST_TEST(nowhere.status == 64);
    BOOST_TEST(nowhere.err.find("one of Inbox, JunkEmail") != std::string::npos, nowhere.err);
    check_missing(f.run({"investigate", "move", "nosuch", "--destination", "Inbox"}));
}

BOOST_AUTO_TEST_CASE(a_reclassification_becomes_a_submission) {
    fixture f;
    auto const id = found_by(f, delivered).at(0);
    auto const before = f.document({"submissions", "list"}).as_array().size();
    auto const accepted =
        f.run({"investigate", "reclassify", id, "--expected-disposition", "MALICIOUS"});
    BOOST_TEST(accepted.status == 0, accepted.err);
    BOOST_TEST(accepted.out == "accepted, to be dealt with later\n");
    BOOST_TEST(accepted.err.find("use submissions reclassify") != std::string::npos, accepted.err);
    BOOST_CHECK(f.document({"investigate", "reclassify", id, "--expected-disposition", "SPAM"}) ==
                json::parse("{}"));
    BOOST_TEST(f.document({"submissions", "list"}).as_array().size() == before + 2);
    auto const of_team = f.document({"submissions", "list", "--type", "TEAM",
                                     "--requested-disposition", "SPAM", "--per-page", "1"});
    BOOST_TEST_REQUIRE(of_team.as_array().size() == 1U);
    BOOST_TEST(text_of(of_team.at(0).at("type")) == "Team");
    BOOST_TEST(f.run({"investigate", "reclassify", id}).status == 64);
    auto const missing =
        f.run({"investigate", "reclassify", "nosuch", "--expected-disposition", "SPAM"});
    BOOST_TEST(missing.status == 5);
    BOOST_TEST(missing.out.empty(), missing.out);
    BOOST_TEST(lines_in(missing.err) == 1, missing.err);
    BOOST_TEST(missing.err.find("(code 10404)") != std::string::npos, missing.err);
}

BOOST_AUTO_TEST_CASE(submissions_are_listed) {
    fixture f;
    auto const all = f.document({"submissions", "list"}).as_array();
    BOOST_TEST_REQUIRE(all.size() == 3U);
    BOOST_TEST(f.document({"submissions", "list", "--per-page", "2"}).as_array().size() == 3U);
    auto const page = f.document({"submissions", "list", "--page", "2", "--per-page", "2"});
    BOOST_TEST(page.as_array().size() == 1U);
    auto const one =
        f.document({"submissions", "list", "--submission-id", text_of(all[0].at("submission_id"))});
    BOOST_TEST_REQUIRE(one.as_array().size() == 1U);
    BOOST_CHECK(one.at(0) == all[0]);
    auto const table = f.run({"submissions", "list"});
    BOOST_TEST(table.out.starts_with("submission_id "), table.out);
    BOOST_TEST(lines_in(table.out) == 4);
    BOOST_TEST(
        f.run({"submissions", "list", "--start", "2026-02-01", "--end", "2026-01-01"}).status ==
        64);
    auto const wrong = f.run({"submissions", "list", "--type", "CAT"});
    BOOST_TEST(wrong.status == 1);
    BOOST_TEST(lines_in(wrong.err) == 1, wrong.err);
}

BOOST_AUTO_TEST_CASE(phishguard_reports_are_listed) {
    fixture f;
    auto const all = f.document({"phishguard-reports", "list"}).as_array();
    BOOST_TEST_REQUIRE(!all.empty());
    BOOST_TEST(all[0].at("id").is_int64());
    auto const table = f.run({"phishguard-reports", "list"});
    BOOST_TEST(table.out.starts_with("id  created_at "), table.out);
    BOOST_TEST(lines_in(table.out) == static_cast<long>(all.size()) + 1);
    BOOST_TEST(
        f.document({"phishguard-reports", "list", "--end", "2000-01-01"}).as_array().empty());
    auto const wrong = f.run({"phishguard-reports", "list", "--start", "someday"});
    BOOST_TEST(wrong.status == 64);
    BOOST_TEST(wrong.err.find("--start: must be a time") != std::string::npos, wrong.err);
    auto const page = f.document({"phishguard-reports", "list", "--page", "2", "--per-page", "3"});
    BOOST_TEST(page.as_array().size() == 3U);
    BOOST_CHECK(page.at(0) == all[3]);
}

BOOST_AUTO_TEST_CASE(an_action_log_is_shown_whole_or_by_pages) {
    fixture f;
    auto const id = found_by(f, delivered).at(0);
    for (auto const* const folder : {"DeletedItems", "JunkEmail", "Inbox"}) {
        f.document({"investigate", "move", id, "--destination", folder});
    }
    auto const all = f.document({"investigate", "action-log", id});
    BOOST_TEST(all.as_array().size() == 3U);
    BOOST_CHECK(f.document({"investigate", "action-log", id, "--per-page", "1"}) == all);
    auto const page =
        f.document({"investigate", "action-log", id, "--page", "3", "--per-page", "1"});
    BOOST_TEST_REQUIRE(page.as_array().size() == 1U);
    BOOST_CHECK(page.at(0) == all.at(2));
}

BOOST_AUTO_TEST_CASE(messages_are_submitted) {
    fixture f;
    auto const alerts = found_by(f, delivered, "alert_id");
    auto const several = f.document({"submissions", "reclassify", alerts.at(0), alerts.at(1),
                                     "--expected-disposition", "NONE"});
    BOOST_TEST_REQUIRE(several.as_array().size() == 2U);
    BOOST_TEST(several.at(1).at("accepted").as_bool());
    auto const in_part = f.run(
        {"submissions", "reclassify", alerts.at(2), "nosuch", "--expected-disposition", "NONE"});
    BOOST_TEST(in_part.status == 3);
    BOOST_TEST(in_part.out.starts_with("id "), in_part.out);
    BOOST_TEST(in_part.err.find("1 of 2 not accepted") != std::string::npos, in_part.err);
    BOOST_TEST(
        f.run({"submissions", "reclassify", "nosuch", "--expected-disposition", "NONE"}).status ==
        1);

    auto const benign =
        found_by(f, {"--detections-only", "false", "--final-disposition", "NONE"}, "postfix_id");
    auto const eml = f.files.file("missed.eml", "From: x\r\n");
    f.server.take_log();
    auto const reported =
        f.document({"submissions", "report-missed", "--postfix-id", benign.at(0), "--message-id",
                    "<m@corp.example>", "--recipient-emails", "a@corp.example,b@corp.example",
                    "--expected-disposition", "MALICIOUS", "--eml", eml});
    BOOST_TEST(reported.at(0).at("accepted").as_bool());
    auto const sent = json::parse(f.server.take_log().back().body);
    BOOST_TEST(text_of(sent.at("type")) == "missed_detection");
    BOOST_TEST(text_of(sent.at("messages").at(0).at("eml_content")) == "RnJvbTogeA0K");
    BOOST_TEST(sent.at("messages").at(0).at("recipient_emails").as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_eml_file_that_is_too_large_is_not_sent) {
    fixture f;
    auto const huge = f.files.file("huge.eml", std::string((std::size_t{25} << 20U) + 1, 'x'));
    auto const refused = f.run({"submissions", "report-missed", "--postfix-id", "p", "--message-id",
                                "m", "--recipient-emails", "a@corp.example",
                                "--expected-disposition", "SPAM", "--eml", huge});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find("larger than 26214400 bytes") != std::string::npos, refused.err);
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(only_a_file_in_base64_is_sent_as_a_message) {
    fixture f;
    auto const report = [&f](std::string const& eml) {
        return f.run({"submissions", "report-missed", "--postfix-id", "p", "--message-id", "m",
                      "--recipient-emails", "a@corp.example", "--expected-disposition", "SPAM",
                      "--eml", eml});
    };
    for (auto const* const each : {"/dev/zero", "/dev/null", "/tmp"}) {
        auto const refused = report(each);
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.err.find("is not a regular file") != std::string::npos, refused.err);
    }
    BOOST_TEST(report("/nosuch").err.find("No such file") != std::string::npos);
    for (auto const* const each : {"From: x", "RnJvbQ", "RnJ\nvbQ=", "RnJv=bQ=", "====", "-_-_"}) {
        auto const refused = f.run({"investigate", "reclassify", "m", "--expected-disposition",
                                    "SPAM", "--eml-content", each});
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.err.find("base64") != std::string::npos, refused.err);
    }
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(the_monthly_report_is_a_table) {
    fixture f;
    auto const report = f.document({"analytics", "monthly-report"});
    std::int64_t total = 0;
    std::size_t rows = 0;
    for (auto const& month : report.at("by_month").as_object()) {
        for (auto const& each : month.value().as_array()) {
            total += each.at("total").as_int64();
            ++rows;
        }
    }
    BOOST_TEST(total == 25);
    auto const table = f.run({"analytics", "monthly-report"});
    BOOST_TEST(table.out.starts_with("month    disposition"), table.out);
    BOOST_TEST(lines_in(table.out) == rows + 1);
}

BOOST_AUTO_TEST_CASE(a_bulk_job_from_create_to_delete) {
    fixture f;
    auto const created =
        f.document({"investigate", "bulk-create", "--action", "RELEASE", "--delivery-status",
                    "quarantined", "--comment", "all", "--yes"});
    BOOST_TEST(text_of(created.at("status")) == "PENDING");
    BOOST_TEST(text_of(created.at("search_params").at("delivery_status")) == "quarantined");
    auto const id = text_of(created.at("job_id"));

    // Two looks, one at once and one at the deadline: the simulator's jobs take three.
    auto const early =
        f.run({"investigate", "bulk-wait", id, "--deadline", "0.001", "--interval", "1000"});
    BOOST_TEST(early.status == 75);
    BOOST_TEST(early.out.empty(), early.out);
    BOOST_TEST(lines_in(early.err) == 1, early.err);
    auto const ended = f.document({"investigate", "bulk-wait", id, "--interval", "0.001"});
    BOOST_TEST(text_of(ended.at("status")) == "COMPLETED");
    BOOST_CHECK(f.document({"investigate", "bulk-get", id}) == ended);
    auto const count = ended.at("messages_successful").as_int64();
    BOOST_TEST(count > 0);
    BOOST_TEST(found_by(f, quarantined).empty());

    auto const messages = f.document({"investigate", "bulk-messages", id, "--per-page", "2"});
    BOOST_TEST(static_cast<std::int64_t>(messages.as_array().size()) == count);
    BOOST_TEST(
        f.document({"investigate", "bulk-messages", id, "--status", "FAILED"}).as_array().empty());
    BOOST_TEST(f.run({"investigate", "bulk-messages", id}).out.starts_with("message_id "));
    BOOST_TEST(f.document({"investigate", "bulk-list", "--action-type", "RELEASE", "--status",
                           "COMPLETED"})
                   .as_array()
                   .size() == 1U);
    BOOST_TEST(
        f.document({"investigate", "bulk-list", "--action-type", "MOVE"}).as_array().empty());
    auto const table = f.run({"investigate", "bulk-list"});
    BOOST_TEST(table.out.find("  COMPLETED  ") != std::string::npos, table.out);
    BOOST_TEST(text_of(f.document({"investigate", "bulk-delete", id}).at("id")) == id);
    for (auto const* const verb :
         {"bulk-get", "bulk-messages", "bulk-wait", "bulk-cancel", "bulk-delete"}) {
        check_missing(f.run({"investigate", verb, id}));
    }
}

BOOST_AUTO_TEST_CASE(the_exit_status_tells_how_a_bulk_job_ended) {
    fixture f;
    // Messages in quarantine cannot be moved, the others can.
    auto const moving = f.document({"investigate", "bulk-create", "--action", "MOVE",
                                    "--destination", "JunkEmail", "--all-messages", "--yes"});
    auto const in_part =
        f.run({"investigate", "bulk-wait", text_of(moving.at("job_id")), "--interval", "0.001"});
    BOOST_TEST(in_part.status == 3);
    BOOST_TEST(in_part.out.starts_with("job_id "), in_part.out);
    BOOST_TEST(in_part.err.find("messages were not done: 7 failed") != std::string::npos,
               in_part.err);

    auto const second = f.document(
        {"investigate", "bulk-create", "--action", "RELEASE", "--all-messages", "--yes"});
    auto const id = text_of(second.at("job_id"));
    auto const cancelled = f.document({"investigate", "bulk-cancel", id});
    BOOST_TEST(text_of(cancelled.at("status")) == "CANCELLED");
    auto const ended = f.run({"investigate", "bulk-wait", id});
    BOOST_TEST(ended.status == 1);
    BOOST_TEST(ended.err.find("the job ended as CANCELLED") != std::string::npos, ended.err);

    BOOST_TEST(f.run({"investigate", "bulk-create"}).status == 64);
    auto const nowhere = f.run({"investigate", "bulk-create", "--action", "MOVE"});
    BOOST_TEST(nowhere.status == 64);
    BOOST_TEST(nowhere.err.find("destination") != std::string::npos, nowhere.err);
    BOOST_TEST(f.run({"investigate", "bulk-wait", id, "--interval", "x"}).status == 64);
}

BOOST_AUTO_TEST_SUITE_END()
