#include "mail.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace json = boost::json;
using test::answer;
using test::column;
using test::error_pointers;
using test::mail_path;

namespace {

using strings = std::vector<std::string>;

struct jobs : test::with_mail {
    std::string create(std::string_view body) {
        answer const created = post("investigate/bulk", body);
        BOOST_TEST(created.status == 201U, created.body);
        return "investigate/bulk/" + json::value_to<std::string>(created.json("/result/job_id"));
    }
    std::string status(std::string const& job) {
        return json::value_to<std::string>(get(job).json("/result/status"));
    }
    answer remove(std::string const& job) { return c.send("DELETE", mail_path(job)); }
};

constexpr std::string_view move_spam = R"({"action":"MOVE","destination":"DeletedItems",
    "comment":"INC-1","search_params":{"final_disposition":"SPAM","query":null}})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bulk_jobs, jobs)

BOOST_AUTO_TEST_CASE(a_job_from_create_to_delete) {
    std::string const job = create(move_spam);
    answer const begun = get("investigate/bulk");
    BOOST_TEST(begun.json("/result/0/status") == "PENDING");
    BOOST_TEST(begun.json("/result/0/action_params") ==
               (json::value{{"type", "MOVE"}, {"destination", "DeletedItems"}}));
    BOOST_TEST(begun.json("/result/0/comment") == "INC-1");
    BOOST_TEST(begun.json("/result/0/search_params/final_disposition") == "SPAM");

    BOOST_TEST(status(job) == "DISCOVERING");
    answer const half = get(job);
    BOOST_TEST(half.json("/result/status") == "PROCESSING");
    BOOST_TEST(half.json("/result/total_messages_discovered") == 3);
    BOOST_TEST(half.json("/result/messages_successful") == 1);
    BOOST_TEST(half.json("/result/messages_pending") == 2);
    BOOST_TEST(half.json("/result/completed_at").is_null());
    BOOST_TEST(search("?message_action=MOVED").size() == 1U);
    BOOST_TEST(remove(job).status == 409U);

    answer const done = get(job);
    BOOST_TEST(done.json("/result/status") == "COMPLETED");
    BOOST_TEST(done.json("/result/messages_successful") == 3);
    BOOST_TEST(done.json("/result/messages_pending") == 0);
    BOOST_TEST(done.json("/result/completed_at").is_string());
    BOOST_TEST(status(job) == "COMPLETED");
    BOOST_TEST(search("?message_action=MOVED").size() == 3U);

    BOOST_TEST(post(job + "/cancel", "").status == 409U);
    BOOST_TEST(remove(job).json("/result/id") == done.json("/result/job_id"));
    BOOST_TEST(get(job).status == 404U);
    BOOST_TEST(remove(job).status == 404U);
}

BOOST_AUTO_TEST_CASE(the_messages_of_a_job) {
    std::string const job = create(move_spam);
    BOOST_TEST(get(job + "/messages").json("/result") == json::array());
    status(job);
    status(job);
    BOOST_TEST(
        column(get(job + "/messages"), "status") == (strings{"COMPLETED", "PENDING", "PENDING"}),
        boost::test_tools::per_element());
    answer const pending = get(job + "/messages?status=PENDING&per_page=1&page=2");
    BOOST_TEST(pending.json("/result_info/count") == 1);
    BOOST_TEST(pending.json("/result/0/action_params/type") == "MOVE");
    BOOST_TEST(pending.json("/result/0/action_params/client_recipient").is_string());
    BOOST_TEST(pending.json("/result/0/processed_at").is_null());
    BOOST_TEST(get(job + "/messages?status=x").status == 400U);
    BOOST_TEST(get(job + "/messages?status=DISCOVERING").status == 400U);
    BOOST_TEST(pending.json("/result/0/message/postfix_id") ==
               pending.json("/result/0/postfix_id"));
}

BOOST_AUTO_TEST_CASE(what_is_in_quarantine_cannot_be_moved) {
    std::string const job = create(R"({"action":"MOVE","destination":"Inbox",
        "search_params":{"delivery_status":"quarantined","subject":"wire"}})");
    while (status(job) != "COMPLETED") {
    }
    answer const got = get(job);
    BOOST_TEST(got.json("/result/messages_failed") == 3);
    BOOST_TEST(get(job + "/messages").json("/result/0/status_message").is_string());
}

BOOST_AUTO_TEST_CASE(a_release_takes_what_is_in_quarantine) {
    std::string const job = create(R"({"action":"RELEASE","search_params":{}})");
    while (status(job) != "COMPLETED") {
    }
    BOOST_TEST(get(job).json("/result/messages_successful") == 7);
    BOOST_TEST(search("?delivery_status=quarantined").empty());
}

BOOST_AUTO_TEST_CASE(what_the_search_of_a_job_takes) {
    struct {
        std::string search;
        int count;
    } const cases[] = {
        {R"({"exact_subject":"you have won"})", 3},
        {R"({"exact_subject":"you have"})", 0},
        {R"({"submissions":true})", 3},
        {R"({"detections_only":false})", 25},
        {R"({"final_disposition":"MALICIOUS-BEC","action_log":false})", 3},
        {R"({"start":"2001-01-01T00:00:00Z","end":"2001-01-02T00:00:00Z"})", 0},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.search) {
            std::string const job = create(
                R"({"action":"MOVE","destination":"Inbox","search_params":)" + one.search + '}');
            status(job);
            BOOST_TEST(get(job).json("/result/total_messages_discovered") == one.count);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_job_that_is_cancelled) {
    std::string const job = create(move_spam);
    status(job);
    status(job);
    for (int i = 0; i != 2; ++i) {
        answer const cancelled = post(job + "/cancel", "");
        BOOST_TEST(cancelled.status == 200U);
        BOOST_TEST(cancelled.json("/result/status") == "CANCELLED");
        BOOST_TEST(cancelled.json("/result/messages_pending") == 0);
        BOOST_TEST(cancelled.json("/result/messages_successful") == 1);
        BOOST_TEST(cancelled.json("/result/messages_cancelled") == 2);
        BOOST_TEST(cancelled.json("/result/messages_skipped") == 0);
    }
    BOOST_TEST(status(job) == "CANCELLED");
    BOOST_TEST(column(get(job + "/messages"), "status") ==
                   (strings{"COMPLETED", "CANCELLED", "CANCELLED"}),
               boost::test_tools::per_element());
    BOOST_TEST(search("?message_action=MOVED").size() == 1U);
    BOOST_TEST(remove(job).status == 200U);
    BOOST_TEST(post(job + "/cancel", "").status == 404U);
}

BOOST_AUTO_TEST_CASE(the_list_of_jobs) {
    create(move_spam);
    create(R"({"action":"RELEASE","search_params":{}})");
    auto const actions = [&](std::string const& query) {
        return column(get("investigate/bulk" + query), "action_type");
    };
    BOOST_TEST(actions("") == (strings{"RELEASE", "MOVE"}), boost::test_tools::per_element());
    BOOST_TEST(actions("?action_type=MOVE") == strings{"MOVE"}, boost::test_tools::per_element());
    BOOST_TEST(actions("?status=COMPLETED").empty());
    BOOST_TEST(actions("?per_page=1&page=2") == strings{"MOVE"}, boost::test_tools::per_element());
    BOOST_TEST(get("investigate/bulk?action_type=move").status == 400U);
    BOOST_TEST(get("investigate/bulk?status=x").status == 400U);
    BOOST_TEST(get("investigate/bulk?status=SKIPPED").status == 400U);
}

BOOST_AUTO_TEST_CASE(jobs_that_are_refused) {
    struct {
        std::string body;
        std::string pointer;
    } const cases[] = {
        {R"({"search_params":{}})", "/action"},
        {R"({"action":"BURN","search_params":{}})", "/action"},
        {R"({"action":"MOVE","search_params":{}})", "/destination"},
        {R"({"action":"RELEASE"})", "/search_params"},
        {R"({"action":"RELEASE","search_params":[]})", "/search_params"},
        {R"({"action":"RELEASE","search_params":{},"comment":1})", "/comment"},
        {R"({"action":"RELEASE","search_params":{"start":"x"}})", "/search_params/start"},
        {R"({"action":"RELEASE","search_params":{"sender":1}})", "/search_params/sender"},
        {R"({"action":"RELEASE","search_params":{"submissions":"x"}})",
         "/search_params/submissions"},
        {R"({"action":"RELEASE","search_params":{},"expected_disposition":"x"})",
         "/expected_disposition"},
        {"[]", ""},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.body) {
            answer const got = post("investigate/bulk", one.body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == strings{one.pointer},
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(get("investigate/bulk").json("/result") == json::array());
}

BOOST_AUTO_TEST_SUITE_END()
