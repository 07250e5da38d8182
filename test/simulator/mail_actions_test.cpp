#include "mail.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace json = boost::json;
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

}  // namespace

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
    body["postfix_ids"] = json::array{member(other, "/postfix_id")};
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
    BOOST_TEST(done == recipients(one) + recipients(other));
    BOOST_TEST(failed == recipients(held) + 1);
    BOOST_TEST(member(held, "/action_log") == json::array());
    BOOST_TEST(member(other, "/delivery_status") == json::array{"moved"});
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
        {"investigate/release", "{}", ""},
        {"investigate/release", "[1]", "/0"},
        {one + "/reclassify", "{}", "/expected_disposition"},
        {one + "/reclassify", R"({"expected_disposition":"UNKNOWN"})", "/expected_disposition"},
        {one + "/reclassify", R"({"expected_disposition":"SPAM","eml_content":1})", "/eml_content"},
        {"investigate/preview", "{}", "/postfix_id"},
        {"investigate/preview", R"({"postfix_id":1})", "/postfix_id"},
    };
    for (auto const& refused : cases) {
        BOOST_TEST_CONTEXT(refused.rest << ' ' << refused.body) {
            answer const got = post(refused.rest, refused.body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == strings{refused.pointer},
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(post("investigate/preview", R"({"postfix_id":"x"})").status == 404U);
}

BOOST_AUTO_TEST_CASE(a_release_shows_in_the_message) {
    std::string const held = message_with("MALICIOUS");
    std::string const free = message_with("SPAM");
    answer const unknown = post("investigate/release", array_of({held, "unheard-of"}));
    BOOST_TEST(unknown.status == 404U);
    BOOST_TEST(error_pointers(unknown) == strings{"/1"}, boost::test_tools::per_element());
    BOOST_TEST(member(held, "/is_quarantined") == true);

    answer const released = post("investigate/release", array_of({held, free}));
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

BOOST_AUTO_TEST_CASE(a_preview_is_made_of_any_message) {
    std::string const id = message_with("NONE");
    std::string const body = R"({"postfix_id":")" + text(id, "/postfix_id") + R"("})";
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
