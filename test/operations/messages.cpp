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
                       which.cursor("c=1").per_page(5);
                       return w.run(mail(w).search_page(which)).has_value();
                   },
                   "GET /investigate?start=" + moment_text + "&end=" + moment_text +
                       "&query=a%20b&detections_only=false&final_disposition=SPAM&metric=m"
                       "&message_action=MOVED&recipient=r&sender=s%40a.example&alert_id=a"
                       "&domain=d&message_id=%3Cm%3E&subject=t%26u&delivery_status=bounced"
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
                       auto const got = w.run(mail(w).action_log("m"));
                       return got && got->at(0).operation == es::message_operation::move;
                   },
                   "GET /investigate/m/action_log", 200, R"([{"operation":"MOVE"}])"});
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
                   R"(POST /investigate/preview {"postfix_id":"4Njp"})", 200,
                   R"({"screenshot":""})"});
    all.push_back({[](world& w) {
                       auto const where = es::move_request{es::mailbox_folder::junk_email};
                       auto const got = w.run(mail(w).move("m", where));
                       return got && got->at(0).success;
                   },
                   R"(POST /investigate/m/move {"destination":"JunkEmail"})", 200,
                   R"([{"success":true}])"});
    all.push_back({[](world& w) {
                       es::move_many_request what{es::mailbox_folder::inbox, {"a", "b"}};
                       what.expected_disposition(es::disposition::none);
                       return w.run(mail(w).move_many(what)).has_value();
                   },
                   R"(POST /investigate/move {"destination":"Inbox",)"
                   R"("expected_disposition":"NONE","ids":["a","b"]})",
                   200, "[]"});
    all.push_back({[](world& w) {
                       es::reclassify_request what{es::submission_disposition::malicious};
                       what.eml_content("RnJvbQ==").escalated_submission_id("s");
                       return w.run(mail(w).reclassify("m", what)).has_value();
                   },
                   R"(POST /investigate/m/reclassify {"expected_disposition":"MALICIOUS",)"
                   R"("eml_content":"RnJvbQ==","escalated_submission_id":"s"})",
                   202});
    all.push_back({[](world& w) {
                       auto const got = w.run(mail(w).release({"a", "b"}));
                       return got && got->at(0).delivered.at(0) == "x";
                   },
                   R"(POST /investigate/release ["a","b"])", 200,
                   R"([{"id":"a","delivered":["x"]}])"});
}

void add_bulk(std::vector<exchange>& all) {
    all.push_back({[](world& w) {
                       auto const which = es::bulk_search{}.sender("s").submissions(true);
                       auto what = es::new_bulk_job::move(es::mailbox_folder::deleted_items, which);
                       what.comment("c").expected_disposition(es::disposition::spam);
                       auto const job = w.run(jobs(w).create(what));
                       return job && job->job_id == "j";
                   },
                   R"(POST /investigate/bulk {"action":"MOVE","search_params":{"sender":"s",)"
                   R"("submissions":true},"destination":"DeletedItems",)"
                   R"("expected_disposition":"SPAM","comment":"c"})",
                   201, R"({"job_id":"j"})"});
    all.push_back({[](world& w) {
                       auto const what = es::new_bulk_job::release({});
                       return w.run(jobs(w).create(what)).has_value();
                   },
                   R"(POST /investigate/bulk {"action":"RELEASE","search_params":{}})", 201});
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
                   "POST /investigate/bulk/j/cancel"});
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
    all.push_back(
        {[](world& w) {
             es::phishguard_filter which;
             which.start(moment).end(moment);
             auto const got = w.run(es::phishguard_reports{w.client, account_id}.list(which));
             return got && got->at(0).id == "7" && got->at(0).id.is_integer();
         },
         "GET /phishguard/reports?start=" + moment_text + "&end=" + moment_text, 200,
         R"([{"id":7}])"});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    all.push_back(
        {[](world& w) {
             es::phishguard_filter which;
             which.from_date(std::chrono::year{2026} / 1 / 2);
             which.to_date(std::chrono::year{2026} / 1 / 31);
             return w.run(es::phishguard_reports{w.client, account_id}.list(which)).has_value();
         },
         "GET /phishguard/reports?from_date=2026-01-02&to_date=2026-01-31", 200, "[]"});
    all.push_back({[](world& w) {
                       es::move_many_request what{es::mailbox_folder::inbox, {}};
                       what.postfix_ids({"p"});
                       return w.run(mail(w).move_many(what)).has_value();
                   },
                   R"(POST /investigate/move {"destination":"Inbox",)"
                   R"("postfix_ids":["p"]})",
                   200, "[]"});
    all.push_back({[](world& w) {
                       auto const which = es::message_filter{}.page(3);
                       return w.run(mail(w).search_page(which)).has_value();
                   },
                   "GET /investigate?page=3", 200, "[]"});
#pragma GCC diagnostic pop
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
