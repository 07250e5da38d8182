#include "mail.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::column;
using test::error_pointers;

namespace {

using strings = std::vector<std::string>;

struct mail_actions : test::with_mail {
    json::value member(std::string const& id, std::string const& pointer) {
        return get("investigate/" + id).json("/result" + pointer);
    }
    std::string text(std::string const& id, std::string const& pointer) {
        return json::value_to<std::string>(member(id, pointer));
    }
};

std::string array_of(strings const& ids) {
    json::array result;
    for (std::string const& id : ids) result.emplace_back(id);
    return json::serialize(result);
}

std::string release_of(strings const& ids) {
    return R"({"ids":)" + array_of(ids) + '}';
}

struct former_mail : test::with_mail {
    former_mail() : with_mail{sim::options{}.former_bodies(true)} {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(former_bodies, former_mail)

BOOST_AUTO_TEST_CASE(are_taken_when_asked_for) {
    std::string const held = message_with("MALICIOUS");
    answer const released = post("investigate/release", array_of({held}));
    BOOST_TEST(released.status == 200U);
    BOOST_TEST(released.json("/result/0/id") == json::value(held));
    BOOST_TEST(post("investigate/release", "\r\n\t " + array_of({held})).status == 200U);
    BOOST_TEST(error_pointers(post("investigate/release", "[1]")) == strings{"/0"},
               boost::test_tools::per_element());
    BOOST_TEST(post("investigate/release", release_of({held})).status == 200U);

    std::string const postfix_id =
        json::value_to<std::string>(get("investigate/" + held).json("/result/postfix_id"));
    BOOST_TEST(post("investigate/preview", R"({"postfix_id":")" + postfix_id + R"("})").status ==
               200U);
    BOOST_TEST(post("investigate/preview", R"({"id":")" + held + R"("})").status == 200U);
    answer const moved = post("investigate/move",
                              R"({"destination":"Inbox","postfix_ids":[")" + postfix_id + R"("]})");
    BOOST_TEST(moved.status == 200U);
    BOOST_TEST(moved.json("/result/0/success") == true);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(actions_on_mail, mail_actions)

BOOST_AUTO_TEST_CASE(a_move_shows_in_the_message) {
    std::string const id = message_with("SPAM");
    answer const moved = post("investigate/" + id + "/move",
                              R"({"destination":"DeletedItems","expected_disposition":"SPAM"})");
    BOOST_TEST(moved.status == 200U);
    BOOST_TEST(moved.json("/result/0/success") == true);
    BOOST_TEST(moved.json("/result/0/destination") == "DeletedItems");
    BOOST_TEST(moved.json("/result/0/recipient") == member(id, "/to/0"));
    BOOST_TEST(moved.json("/result").as_array().size() == member(id, "/to").as_array().size());

    BOOST_TEST(member(id, "/delivery_status") == json::array{"moved"});
    BOOST_TEST(member(id, "/post_delivery_operations") == json::array{"MOVE"});
    BOOST_TEST(member(id, "/action_log/0/operation") == "MOVE");
    BOOST_TEST(member(id, "/action_log/0/properties/folder") == "DeletedItems");
    answer const log = get("investigate/" + id + "/action_log");
    BOOST_TEST(log.json("/result/0/operation") == "MOVE");
    BOOST_TEST(log.json("/result/0/properties/folder") == "DeletedItems");
    BOOST_TEST(get("investigate/" + id + "/trace").json("/result/outbound/lines/0/message") ==
               "moved to DeletedItems");
    BOOST_TEST(search("?message_action=MOVED") == strings{id}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(many_are_moved_one_by_one) {
    std::string const one = message_with("SPAM");
    std::string const held = message_with("MALICIOUS");
    std::string const other = message_with("BULK");
    json::object body{{"destination", "JunkEmail"}};
    body["ids"] = json::array{json::string(one), json::string(held), "unheard-of"};
    // Beside identifiers these count for nothing, and alone for nothing either.
    body["postfix_ids"] = json::array{member(other, "/postfix_id")};
    body["expected_disposition"] = nullptr;
    answer const moved = post("investigate/move", json::serialize(body));
    BOOST_TEST(moved.status == 200U);
    std::size_t done = 0;
    std::size_t failed = 0;
    json::value const result = moved.json("/result");
    for (json::value const& item : result.as_array()) {
        ++(item.at("success") == true ? done : failed);
    }
    auto const recipients = [&](std::string const& id) {
        return member(id, "/to").as_array().size();
    };
    BOOST_TEST(done == recipients(one));
    BOOST_TEST(failed == recipients(held) + 1);
    BOOST_TEST(member(held, "/action_log") == json::array());
    BOOST_TEST(member(other, "/action_log") == json::array());
    body.erase("ids");
    answer const refused = post("investigate/move", json::serialize(body));
    BOOST_TEST(refused.status == 400U);
    BOOST_TEST(error_pointers(refused) == strings{"/ids"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bodies_that_are_refused) {
    std::string const one = "investigate/" + message_with("SPAM");
    struct {
        std::string rest;
        std::string body;
        std::string pointer;
    } const cases[] = {
        {one + "/move", "{}", "/destination"},
        {one + "/move", R"({"destination":"Attic"})", "/destination"},
        {one + "/move", R"({"destination":1})", "/destination"},
        {one + "/move", R"({"destination":"Inbox","expected_disposition":"x"})",
         "/expected_disposition"},
        {one + "/move", "[]", ""},
        {"investigate/move", R"({"ids":[]})", "/destination"},
        {"investigate/move", R"({"destination":"Inbox","ids":"a"})", "/ids"},
        {"investigate/move", R"({"destination":"Inbox","ids":["a",1]})", "/ids/1"},
        {"investigate/release", "{}", "/ids"},
        {"investigate/release", R"({"ids":[1]})", "/ids/0"},
        {"investigate/release", R"(["a"])", ""},
        {one + "/reclassify", "{}", "/expected_disposition"},
        {one + "/reclassify", R"({"expected_disposition":"UNKNOWN"})", "/expected_disposition"},
        {one + "/reclassify", R"({"expected_disposition":"SPAM","eml_content":1})", "/eml_content"},
        {"investigate/preview", "{}", "/id"},
        {"investigate/preview", R"({"id":1})", "/id"},
        {"investigate/preview", R"({"postfix_id":"x"})", "/id"},
    };
    for (auto const& refused : cases) {
        BOOST_TEST_CONTEXT(refused.rest << ' ' << refused.body) {
            answer const got = post(refused.rest, refused.body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == strings{refused.pointer},
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(post("investigate/preview", R"({"id":"x"})").status == 404U);
}

BOOST_AUTO_TEST_CASE(a_release_shows_in_the_message) {
    std::string const held = message_with("MALICIOUS");
    std::string const free = message_with("SPAM");
    answer const unknown = post("investigate/release", release_of({held, "unheard-of"}));
    BOOST_TEST(unknown.status == 404U);
    BOOST_TEST(error_pointers(unknown) == strings{"/ids/1"}, boost::test_tools::per_element());
    BOOST_TEST(member(held, "/is_quarantined") == true);

    answer const released = post("investigate/release", release_of({held, free}));
    BOOST_TEST(released.status == 200U);
    BOOST_TEST(released.json("/result/0/id") == json::value(held));
    BOOST_TEST(released.json("/result/0/delivered") == member(held, "/to"));
    BOOST_TEST(released.json("/result/0/undelivered") == json::array());
    BOOST_TEST(released.json("/result/1/delivered") == json::array());
    BOOST_TEST(released.json("/result/1/undelivered") == member(free, "/to"));

    BOOST_TEST(member(held, "/is_quarantined") == false);
    BOOST_TEST(member(held, "/delivery_status") == json::array{"delivered"});
    BOOST_TEST(get("investigate/" + held + "/action_log").json("/result/0/operation") ==
               "QUARANTINE_RELEASE");
    BOOST_TEST(search("?message_action=QUARANTINE_RELEASED") == strings{held},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reclassification_is_a_submission) {
    std::string const id = message_with("SPAM");
    answer const accepted =
        post("investigate/" + id + "/reclassify", R"({"expected_disposition":"NONE"})");
    BOOST_TEST(accepted.status == 202U);
    BOOST_TEST(accepted.json("/result") == json::object());

    BOOST_TEST(member(id, "/final_disposition") == "NONE");
    answer const log = get("investigate/" + id + "/action_log");
    BOOST_TEST(log.json("/result/0/operation") == "SUBMISSION");
    BOOST_TEST(log.json("/result/0/properties/requested_disposition") == "NONE");
    answer const listed = get("submissions?type=TEAM");
    BOOST_TEST(listed.json("/result").as_array().size() == 1U);
    BOOST_TEST(listed.json("/result/0/submission_id") ==
               log.json("/result/0/properties/submission_id"));
    BOOST_TEST(listed.json("/result/0/original_disposition") == "SPAM");
    BOOST_TEST(listed.json("/result/0/requested_disposition") == "NONE");
}

BOOST_AUTO_TEST_CASE(messages_are_submitted_each_by_itself) {
    std::string const id = message_with("SPAM");
    std::string const alert = text(id, "/alert_id");
    answer const got = post("submissions", R"({"type":"reclassification","messages":[
        {"alert_id":")" + alert + R"(","expected_disposition":"NONE"},
        {"alert_id":"unheard-of","expected_disposition":"NONE"}]})");
    BOOST_TEST(got.status == 202U, got.body);
    BOOST_TEST(got.json("/result/results/0/accepted") == true);
    BOOST_TEST(got.json("/result/results/0/error").is_null());
    BOOST_TEST(got.json("/result/results/1/accepted") == false);
    BOOST_TEST(got.json("/result/results/1/error").is_string());
    BOOST_TEST(member(id, "/final_disposition") == "NONE");
    BOOST_TEST(get("submissions?type=TEAM").json("/result/0/submission_id") ==
               got.json("/result/results/0/id"));

    std::string const missed = message_with("NONE");
    answer const reported = post("submissions", R"({"type":"missed_detection","messages":[
        {"postfix_id":")" + text(missed, "/postfix_id") +
                                                    R"(","message_id":"<m>",
         "recipient_emails":["a@corp.example"],"expected_disposition":"MALICIOUS",
         "eml_content":"RnJvbQ=="}]})");
    BOOST_TEST(reported.status == 202U, reported.body);
    BOOST_TEST(member(missed, "/final_disposition") == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(submissions_that_are_refused) {
    struct {
        std::string body;
        strings pointers;
    } const cases[] = {
        {R"({"messages":[]})", {"/type"}},
        {R"({"type":"wish","messages":[]})", {"/type"}},
        {R"({"type":"reclassification"})", {"/messages"}},
        {R"({"type":"reclassification","messages":[1]})", {"/messages/0"}},
        {R"({"type":"reclassification","messages":[{}]})",
         {"/messages/0/alert_id", "/messages/0/expected_disposition"}},
        {R"({"type":"reclassification","messages":[{"alert_id":"a",
             "expected_disposition":"UNKNOWN"}]})",
         {"/messages/0/expected_disposition"}},
        {R"({"type":"reclassification","messages":[{"alert_id":"a",
             "expected_disposition":"SPAM","postfix_id":"p"}]})",
         {"/messages/0/postfix_id"}},
        {R"({"type":"missed_detection","messages":[{"postfix_id":"p","message_id":"m",
             "recipient_emails":"a","expected_disposition":"SPAM"}]})",
         {"/messages/0/recipient_emails"}},
        {R"({"type":"missed_detection","messages":[{"postfix_id":"p","message_id":"m",
             "recipient_emails":[],"expected_disposition":"SPAM","alert_id":"a"}]})",
         {"/messages/0/alert_id"}},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.body) {
            answer const got = post("submissions", one.body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == one.pointers, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(the_months_are_counted) {
    answer const got = get("analytics/monthly_report");
    json::value const months = got.json("/result/by_month");
    std::int64_t total = 0;
    for (json::key_value_pair const& month : months.as_object()) {
        BOOST_TEST(month.key().size() == 7U);
        for (json::value const& each : month.value().as_array()) {
            total += each.at("total").to_number<std::int64_t>();
        }
    }
    BOOST_TEST(total == 25);
}

BOOST_AUTO_TEST_CASE(an_action_log_has_pages) {
    std::string const id = message_with("SPAM");
    for (char const* const folder : {"DeletedItems", "JunkEmail", "Inbox"}) {
        post("investigate/" + id + "/move", R"({"destination":")" + std::string{folder} + R"("})");
    }
    answer const got = get("investigate/" + id + "/action_log?per_page=2&page=2");
    BOOST_TEST(got.json("/result").as_array().size() == 1U);
    BOOST_TEST(got.json("/result/0/properties/folder") == "Inbox");
    BOOST_TEST(got.json("/result_info/total_count") == 3);
    BOOST_TEST(get("investigate/" + id + "/action_log?per_page=1001").status == 400U);
}

BOOST_AUTO_TEST_CASE(a_preview_is_made_of_any_message) {
    std::string const id = message_with("NONE");
    std::string const body = R"({"id":")" + id + R"("})";
    answer const made = post("investigate/preview", body);
    BOOST_TEST(made.status == 200U);
    BOOST_TEST(made.json("/result/screenshot").is_string());
    BOOST_TEST(member(id, "/action_log/0/operation") == "PREVIEW");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(lists_of_mail, mail_actions)

BOOST_AUTO_TEST_CASE(submissions) {
    struct {
        std::string query;
        std::size_t count;
    } const cases[] = {
        {"", 3},
        {"?type=USER", 3},
        {"?type=TEAM", 0},
        {"?original_disposition=MALICIOUS", 1},
        {"?requested_disposition=MALICIOUS", 3},
        {"?outcome_disposition=SPAM", 1},
        {"?status=completed", 3},
        {"?status=pending", 0},
        {"?order=subject&direction=desc", 3},
        {"?query=PARCEL", 1},
        {"?submission_id=x", 0},
        {"?start=2001-01-01T00:00:00Z", 3},
        {"?end=2001-01-01T00:00:00Z", 0},
        {"?per_page=2&page=2", 1},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.query) {
            answer const got = get("submissions" + one.query);
            BOOST_TEST(got.status == 200U);
            BOOST_TEST(got.json("/result").as_array().size() == one.count);
            BOOST_TEST(got.json("/result_info/total_count") == 3);
        }
    }
    auto const count = [&](std::string const& query) {
        return get("submissions" + query).json("/result").as_array().size();
    };
    BOOST_TEST(count("?status=escalated") + count("?status=unreviewed") == 3U);
    strings const ascending = column(get("submissions?order=subject&direction=asc"), "subject");
    BOOST_TEST(std::ranges::is_sorted(ascending));
    strings descending = column(get("submissions?order=subject&direction=desc"), "subject");
    std::ranges::reverse(descending);
    BOOST_TEST(descending == ascending, boost::test_tools::per_element());
    BOOST_TEST(get("submissions?order=age").status == 400U);
    BOOST_TEST(get("submissions?direction=up").status == 400U);
    BOOST_TEST(count("?escalated_from_user=true") + count("?escalated_from_user=false") == 3U);
    BOOST_TEST(get("submissions?type=Team").status == 400U);
    BOOST_TEST(get("submissions?start=x").status == 400U);
    BOOST_TEST(get("submissions?original_disposition=UNKNOWN").status == 400U);
}

BOOST_AUTO_TEST_CASE(reports) {
    struct {
        std::string query;
        std::size_t count;
    } const cases[] = {
        {"", 7},
        {"?from_date=2001-01-01", 7},
        {"?to_date=2001-01-01", 0},
        {"?start=2001-01-01T00:00:00Z&end=2001-01-02T00:00:00Z", 0},
        {"?start=2001-01-01T00:00:00Z&from_date=9999-01-01", 7},
        {"?from_date=9999-01-01", 0},
        {"?per_page=3&page=3", 1},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.query) {
            answer const got = get("phishguard/reports" + one.query);
            BOOST_TEST(got.status == 200U);
            BOOST_TEST(got.json("/result").as_array().size() == one.count);
        }
    }
    BOOST_TEST(get("phishguard/reports?from_date=2001-02-30").status == 400U);
    std::string const day = text(message_with("MALICIOUS"), "/scanned_at").substr(0, 10);
    answer const got = get("phishguard/reports?from_date=" + day);
    BOOST_TEST(got.json("/result").as_array().size() >= 1U);
    BOOST_TEST(got.json("/result/0/id") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
