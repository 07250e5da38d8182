#include "exchange.hpp"

#include <cloudflare/email_security/operations.hpp>

/// What investigate, bulk jobs, submissions and PhishGuard reports send.
namespace cloudflare::test {

namespace {

namespace es = email_security;
using namespace std::chrono_literals;

es::investigate mail(world& w) {
    return es::investigate{w.client, account_id};
}
es::bulk_jobs jobs(world& w) {
    return es::bulk_jobs{w.client, account_id};
}

timestamp const moment = std::chrono::sys_days{std::chrono::year{2026} / 3 / 4} + 5h + 6us;
std::string const moment_text = "2026-03-04T05%3A00%3A00.000006Z";

void add_reading(std::vector<exchange>& all) {
    all.push_back({[](world& w) { return w.run(mail(w).search_page({})).has_value(); },
                   "GET /investigate", 200, "[]"});
    all.push_back({[](world& w) {
                       es::message_filter which;
                       which.start(moment).end(moment).query("a b").detections_only(false);
                       which.final_disposition(es::submission_disposition::spam).metric("m");
                       which.message_action(es::message_action::moved).recipient("r");
                       which.sender("s@a.example").alert_id("a").domain("d").message_id("<m>");
                       which.subject("t&u").delivery_status(es::delivery_status::bounced);
                       which.smtp_helo_ip("192.0.2.1");
                       which.cursor("c=1").per_page(5);
                       return w.run(mail(w).search_page(which)).has_value();
                   },
                   "GET /investigate?start=" + moment_text + "&end=" + moment_text +
                       "&query=a%20b&detections_only=false&final_disposition=SPAM&metric=m"
                       "&message_action=MOVED&recipient=r&sender=s%40a.example&alert_id=a"
                       "&domain=d&message_id=%3Cm%3E&subject=t%26u&smtp_helo_ip=192.0.2.1&delivery_"
                       "status=bounced"
                       "&cursor=c%3D1&per_page=5",
                   200, "[]"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).get("4f 1"));
                       return got && got->id == "m" && got->subject == "s";
                   },
                   "GET /investigate/4f%201", 200, R"({"id":"m","subject":"s"})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).get_submitted("m"));
                       return got && got->is_phish_submission;
                   },
                   "GET /investigate/m?submission=true", 200,
                   R"({"id":"m","is_phish_submission":true})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).action_log_all("m"));
                       return got && got->at(0).operation == es::message_operation::move;
                   },
                   "GET /investigate/m/action_log?page=1&per_page=1000", 200,
                   R"([{"operation":"MOVE"}])"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).detections("m"));
                       return got && got->findings.at(0).score == 0.5;
                   },
                   "GET /investigate/m/detections", 200, R"({"findings":[{"score":0.5}]})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).preview("m"));
                       return got && got->screenshot == "iVBO";
                   },
                   "GET /investigate/m/preview", 200, R"({"screenshot":"iVBO"})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).raw("m"));
                       return got && got->raw == "From: x\r\n";
                   },
                   "GET /investigate/m/raw", 200, R"({"raw":"From: x\r\n"})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).trace("m"));
                       return got && got->inbound.pending == true && got->outbound.lines.empty();
                   },
                   "GET /investigate/m/trace", 200,
                   R"({"inbound":{"pending":true},"outbound":{"lines":null}})"});
}

void add_acting(std::vector<exchange>& all) {
    all.push_back({[](world& w) { return w.run(mail(w).create_preview("4Njp")).has_value(); },
                   R"(POST /investigate/preview {"id":"4Njp"})", 200, R"({"screenshot":""})"});
    all.push_back({[](world& w) {
                       auto const where = es::move_request{es::mailbox_folder::junk_email};
                       auto const got = w.run(mail(w).move("m", where));
                       return got && got->at(0).success;
                   },
                   R"(POST /investigate/m/move {"destination":"JunkEmail"})", 200,
                   R"([{"success":true}])"});
    all.push_back({[](world& w) {
                       es::move_many_request const what{es::mailbox_folder::inbox, {"a", "b"}};
                       return w.run(mail(w).move_many(what)).has_value();
                   },
                   R"(POST /investigate/move {"destination":"Inbox","ids":["a","b"]})", 200,
                   "[{},{}]"});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    all.push_back({[](world& w) {
                       es::reclassify_request what{es::submission_disposition::malicious};
                       what.eml_content("RnJvbQ==").escalated_submission_id("s");
                       return w.run(mail(w).reclassify("m", what)).has_value();
                   },
                   R"(POST /investigate/m/reclassify {"expected_disposition":"MALICIOUS",)"
                   R"("eml_content":"RnJvbQ==","escalated_submission_id":"s"})",
                   202});
    // What the API has ended is not sent, whoever sets it.
    all.push_back({[](world& w) {
                       es::move_many_request what{es::mailbox_folder::inbox, {"a"}};
                       what.expected_disposition(es::disposition::none);
                       return w.run(mail(w).move_many(what)).has_value();
                   },
                   R"(POST /investigate/move {"destination":"Inbox","ids":["a"]})", 200, "[{}]"});
    all.push_back({[](world& w) {
                       auto const where =
                           es::move_request{es::mailbox_folder::inbox}.expected_disposition(
                               es::disposition::spam);
                       return w.run(mail(w).move("m", where)).has_value();
                   },
                   R"(POST /investigate/m/move {"destination":"Inbox"})", 200, "[{}]"});
#pragma GCC diagnostic pop
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).release({"a", "b"}));
                       return got && got->at(0).delivered.at(0) == "x";
                   },
                   R"(POST /investigate/release {"ids":["a","b"]})", 200,
                   R"([{"id":"a","delivered":["x"]},{"id":"b"}])"});
}

void add_bulk(std::vector<exchange>& all) {
    all.push_back({[](world& w) {
                       auto const which = es::bulk_search{}.sender("s").submissions(true);
                       auto what = es::new_bulk_job::move(es::mailbox_folder::deleted_items, which);
                       what.comment("c");
                       auto const job = w.run(jobs(w).create(what));
                       return job && job->job_id == "j";
                   },
                   R"(POST /investigate/bulk {"action":"MOVE","search_params":{"sender":"s",)"
                   R"("submissions":true},"destination":"DeletedItems","comment":"c"})",
                   201, R"({"job_id":"j"})"});
    all.push_back({[](world& w) {
                       auto const what = es::new_bulk_job::release({});
                       return w.run(jobs(w).create(what)).has_value();
                   },
                   R"(POST /investigate/bulk {"action":"RELEASE","search_params":{}})", 201,
                   R"({"job_id":"j"})"});
    all.push_back({[](world& w) {
                       es::bulk_job_filter which;
                       which.action_type(es::bulk_action::release).per_page(3);
                       which.status(es::bulk_status::pending);
                       return w.run(jobs(w).list_page(which)).has_value();
                   },
                   "GET /investigate/bulk?per_page=3&action_type=RELEASE&status=PENDING", 200,
                   "[]"});
    all.push_back({[](world& w) {
                       auto const job = w.run(jobs(w).get("j"));
                       return job && job->status.text() == "ODD" && !job->status.value();
                   },
                   "GET /investigate/bulk/j", 200, R"({"job_id":"j","status":"ODD"})"});
    all.push_back({[](world& w) { return w.run(jobs(w).remove("j")).has_value(); },
                   "DELETE /investigate/bulk/j", 200, R"({"id":"j"})"});
    all.push_back({[](world& w) { return w.run(jobs(w).cancel("j")).has_value(); },
                   "POST /investigate/bulk/j/cancel", 200, R"({"job_id":"j"})"});
    all.push_back({[](world& w) {
                       es::bulk_message_filter which;
                       which.status(es::bulk_status::failed);
                       return w.run(jobs(w).messages_page("j", which)).has_value();
                   },
                   "GET /investigate/bulk/j/messages?status=FAILED", 200, "[]"});
}

void add_lists(std::vector<exchange>& all) {
    all.push_back(
        {[](world& w) {
             es::submission_filter which;
             which.start(moment).type(es::submission_type::user).submission_id("i");
             which.original_disposition(es::submission_disposition::spam);
             which.requested_disposition(es::submission_disposition::none);
             which.outcome_disposition(es::submission_disposition::bulk);
             which.status("s").query("q").escalated_from_user(false).page(2);
             auto const got = w.run(es::submissions{w.client, account_id}.list_page(which));
             return got && got->items.at(0).type == es::submission_type::team;
         },
         "GET /submissions?page=2&type=USER&start=" + moment_text +
             "&submission_id=i&original_disposition=SPAM&requested_disposition=NONE"
             "&outcome_disposition=BULK&status=s&query=q&escalated_from_user=false",
         200, R"([{"submission_id":"i","type":"Team"}])"});
    all.push_back({[](world& w) {
                       auto one = es::reclassification{"a-1", es::submission_disposition::spam};
                       one.escalated_submission_id("s");
                       std::vector const what{
                           one, es::reclassification{"a-2", es::submission_disposition::none}};
                       es::submissions const submissions{w.client, account_id};
                       auto const got = w.run(submissions.reclassify(what));
                       return got && got->results.at(0).accepted &&
                              got->results.at(1).error == "no";
                   },
                   R"(POST /submissions {"type":"reclassification","messages":[)"
                   R"({"alert_id":"a-1","expected_disposition":"SPAM",)"
                   R"("escalated_submission_id":"s"},)"
                   R"({"alert_id":"a-2","expected_disposition":"NONE"}]})",
                   202,
                   R"({"results":[{"id":"1","accepted":true},)"
                   R"({"id":"2","accepted":false,"error":"no"}]})"});
    all.push_back(
        {[](world& w) {
             es::missed_detection one{
                 "4Njp", "<m@a.example>", {"x@a.example"}, es::submission_disposition::malicious};
             one.eml("From: x\r\n");
             es::submissions const submissions{w.client, account_id};
             return w.run(submissions.report_missed({one})).has_value();
         },
         R"(POST /submissions {"type":"missed_detection","messages":[)"
         R"({"postfix_id":"4Njp","message_id":"<m@a.example>",)"
         R"("recipient_emails":["x@a.example"],"expected_disposition":"MALICIOUS",)"
         R"("eml_content":"RnJvbTogeA0K"}]})",
         202, R"({"results":[{}]})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(es::analytics{w.client, account_id}.monthly_report());
                       return got && got->by_month.at("2026-10").at(0).total == 7;
                   },
                   "GET /analytics/monthly_report", 200,
                   R"({"by_month":{"2026-10":[{"disposition":"SPAM","total":7}]}})"});
    all.push_back(
        {[](world& w) {
             es::phishguard_filter which;
             which.start(moment).end(moment).page(2);
             auto const got = w.run(es::phishguard_reports{w.client, account_id}.list_page(which));
             return got && got->items.at(0).id == "7" && got->items.at(0).id.is_integer();
         },
         "GET /phishguard/reports?page=2&start=" + moment_text + "&end=" + moment_text, 200,
         R"([{"id":7}])"});
}

}  // namespace

std::vector<exchange> message_exchanges() {
    std::vector<exchange> all;
    add_reading(all);
    add_acting(all);
    add_bulk(all);
    add_lists(all);
    return all;
}

}  // namespace cloudflare::test
