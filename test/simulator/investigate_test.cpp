#include "mail.hpp"
#include "text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::client;
using test::column;
using test::mail_path;

namespace {

using strings = std::vector<std::string>;

std::string text_at(answer const& got, std::string_view pointer) {
    return json::value_to<std::string>(got.json(pointer));
}

/// With percent-encoding for all but letters and digits.
std::string encode(std::string_view text) {
    std::string result;
    for (char const one : text) {
        bool const plain = sim::is_alphanumeric(one);
        constexpr std::string_view digits = "0123456789ABCDEF";
        auto const code = static_cast<unsigned char>(one);
        if (plain) {
            result += one;
        } else {
            result += {'%', digits[code / 16], digits[code % 16]};
        }
    }
    return result;
}

/// What is after `/client/v4/accounts/acc/email-security/`.
std::string rest_of(std::string const& target) {
    return target.substr(mail_path("").size());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(investigate, test::with_mail)

BOOST_AUTO_TEST_CASE(what_each_search_finds) {
    struct {
        std::string query;
        std::size_t count;
    } const cases[] = {
        {"", 19},
        {"?detections_only=true", 19},
        {"?detections_only=false&per_page=100", 25},
        {"?final_disposition=MALICIOUS", 4},
        {"?final_disposition=NONE", 0},
        {"?final_disposition=NONE&detections_only=false", 6},
        {"?query=PARCEL", 4},
        {"?query=urgent+wire", 3},
        {"?query=urgent+parcel", 0},
        {"?subject=wire", 3},
        {"?sender=POST@parcel.example", 4},
        {"?sender=post", 0},
        {"?domain=parcel.example", 4},
        {"?domain=example", 19},
        {"?domain=cel.example", 0},
        {"?domain=corp.example", 19},
        {"?domain=partner.example&detections_only=false", 3},
        {"?recipient=corp.example", 19},
        {"?sender=parcel.example", 4},
        {"?subject=transfer+WIRE", 3},
        {"?subject=wire+parcel", 0},
        {"?query=form.html", 3},
        {"?smtp_helo_ip=192.0.2.1", 0},
        {"?delivery_status=move_failed", 0},
        {"?delivery_status=quarantined", 7},
        {"?delivery_status=bounced", 0},
        {"?message_action=MOVED", 0},
        {"?recipient=nobody@corp.example", 0},
        {"?metric=anything", 19},
        {"?unheard_of=1", 19},
        {"?start=2001-01-01T00:00:00Z&end=2001-02-01T00:00:00.5%2B02:00", 0},
        {"?start=2001-01-01T00:00:00Z", 19},
        {"?end=2001-01-01T00:00:00Z", 0},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.query) {
            answer const got = get("investigate" + one.query);
            BOOST_TEST(got.status == 200U, got.body);
            BOOST_TEST(got.json("/result").as_array().size() == one.count);
            BOOST_TEST(got.json("/result_info/count") == one.count);
            BOOST_TEST(got.json("/result_info/total_count") == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_message_is_found_by_what_it_shows) {
    answer const all = get("investigate");
    for (std::string const member : {"message_id", "alert_id"}) {
        std::string const value = text_at(all, "/result/2/" + member);
        BOOST_TEST(
            search('?' + member + '=' + encode(value)) == strings{text_at(all, "/result/2/id")},
            boost::test_tools::per_element());
    }
    std::string const to = text_at(all, "/result/0/to/0");
    BOOST_TEST(!search("?recipient=" + to).empty());
}

BOOST_AUTO_TEST_CASE(searches_that_are_refused) {
    for (std::string const query :
         {"?start=yesterday", "?start=2001-01-01", "?start=2001-13-01T00:00:00Z",
          "?end=2001-01-01T00:00:00", "?start=9999-01-01T00:00:00Z", "?detections_only=1",
          "?final_disposition=MALICIOUS-BEC", "?message_action=x", "?delivery_status=lost",
          "?cursor=x", "?cursor=from-x", "?page=0", "?per_page=1001"}) {
        BOOST_TEST_CONTEXT(query) {
            answer const got = get("investigate" + query);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(got.json("/errors/0/code") == 10400);
        }
    }
}

BOOST_AUTO_TEST_CASE(cursors_lead_forth_and_back) {
    strings const all = search("?per_page=100");
    strings there;
    std::string query = "?per_page=7";
    answer last;
    for (;;) {
        last = get("investigate" + query);
        for (std::string& id : column(last, "id")) there.push_back(std::move(id));
        if (last.json("/result_info/next").is_null()) break;
        query = "?per_page=7&cursor=" + text_at(last, "/result_info/next");
    }
    BOOST_TEST(there == all, boost::test_tools::per_element());

    answer const before =
        get("investigate?per_page=7&cursor=" + text_at(last, "/result_info/previous"));
    BOOST_TEST(column(before, "id") == strings(all.begin() + 7, all.begin() + 14),
               boost::test_tools::per_element());
    BOOST_TEST(get("investigate?per_page=7").json("/result_info/previous").is_null());
}

BOOST_AUTO_TEST_CASE(page_numbers_still_work) {
    strings const all = search("?per_page=100");
    BOOST_TEST(search("?per_page=7&page=3") == strings(all.begin() + 14, all.end()),
               boost::test_tools::per_element());
    BOOST_TEST(search("?per_page=7&page=4").empty());
}

BOOST_AUTO_TEST_CASE(a_slow_search_is_polled) {
    std::string rest = "investigate?query=simulate-slow+parcel&per_page=3";
    for (int i = 0; i != 2; ++i) {
        answer const waits = get(rest);
        BOOST_TEST(waits.status == 202U);
        BOOST_TEST(waits.json("/result") == json::array());
        BOOST_TEST(waits.json("/result_info/count") == 0);
        rest = rest_of(waits.headers.at("location"));
    }
    answer const done = get(rest);
    BOOST_TEST(done.status == 200U);
    BOOST_TEST(done.json("/result_info/count") == 3);
    std::string const cursor = text_at(done, "/result_info/next");
    BOOST_TEST(
        get("investigate?query=simulate-slow+parcel&cursor=" + cursor).json("/result_info/count") ==
        1);
    // Who asks anew waits anew.
    BOOST_TEST(get("investigate?query=simulate-slow+parcel").status == 202U);
}

BOOST_AUTO_TEST_CASE(a_message_in_detail) {
    answer const found = get("investigate?final_disposition=MALICIOUS");
    std::string const id = text_at(found, "/result/0/id");
    BOOST_TEST(get("investigate/" + id).json("/result") == found.json("/result/0"));

    json::value const result = found.json("/result/0");
    BOOST_TEST(result.at("is_quarantined") == true);
    BOOST_TEST(result.at("delivery_status") == json::array{"quarantined"});
    BOOST_TEST(result.at("action_log") == json::array());
    BOOST_TEST(result.at("ts") == result.at("scanned_at"));

    answer const detections = get("investigate/" + id + "/detections");
    BOOST_TEST(detections.json("/result/action") == "QUARANTINED");
    BOOST_TEST(detections.json("/result/links/0/href") == "https://parcel.example/pay");
    BOOST_TEST(detections.json("/result/headers/1/value") == result.at("subject"));
    BOOST_TEST(detections.json("/result/findings/0/detection") == "MALICIOUS");
    BOOST_TEST(get("investigate/" + id + "/trace").json("/result/inbound/lines/0/lineno") == 1);
    BOOST_TEST(text_at(get("investigate/" + id + "/raw"), "/result/raw").starts_with("From: "));
    BOOST_TEST(text_at(get("investigate/" + id + "/preview"), "/result/screenshot")
                   .starts_with("iVBORw0KGgo"));
    BOOST_TEST(get("investigate/" + id + "/action_log").json("/result") == json::array());
}

BOOST_AUTO_TEST_CASE(identifiers_may_be_percent_encoded) {
    std::string const id = message_with("MALICIOUS");
    std::string const encoded = encode(id);
    BOOST_TEST(encoded != id);
    BOOST_TEST(text_at(get("investigate/" + encoded), "/result/id") == id);
}

BOOST_AUTO_TEST_CASE(of_a_benign_message_there_is_less) {
    std::string const one = "investigate/" + message_with("NONE");
    for (std::string const part : {"/detections", "/raw", "/preview"}) {
        BOOST_TEST(get(one + part).status == 404U);
    }
    for (std::string const part : {"", "/trace", "/action_log"}) {
        BOOST_TEST(get(one + part).status == 200U);
    }
}

BOOST_AUTO_TEST_CASE(reported_messages_are_kept_apart) {
    std::string const one = "investigate/" + message_with("MALICIOUS");
    BOOST_TEST(get(one).json("/result/is_phish_submission") == false);
    BOOST_TEST(get(one + "?submission=false").json("/result/is_phish_submission") == false);
    BOOST_TEST(get(one + "?submission=true").json("/result/is_phish_submission") == true);
    std::string const other = "investigate/" + message_with("SPAM");
    BOOST_TEST(get(other + "?submission=true").status == 200U);
    std::string const unreported = "investigate/" + message_with("SPOOF");
    BOOST_TEST(get(unreported + "?submission=true").status == 404U);
    BOOST_TEST(get(one + "?submission=yes").status == 400U);
}

BOOST_AUTO_TEST_CASE(routes) {
    struct {
        std::string method;
        std::string rest;
        std::string body;
        unsigned status;
    } const cases[] = {
        {"POST", "investigate", "{}", 405},
        {"DELETE", "investigate/x", "", 405},
        {"GET", "investigate/x", "", 404},
        {"GET", "investigate/x/detections", "", 404},
        {"GET", "investigate/x/raw", "", 404},
        {"GET", "investigate/x/trace", "", 404},
        {"GET", "investigate/x/preview", "", 404},
        {"GET", "investigate/x/action_log", "", 404},
        {"POST", "investigate/x/move", "{}", 404},
        {"GET", "investigate/x/move", "", 405},
        {"POST", "investigate/x/reclassify", "{}", 404},
        {"GET", "investigate/x/nothing", "", 404},
        {"GET", "investigate/move", "", 405},
        {"GET", "investigate/release", "", 405},
        {"PUT", "investigate/bulk", "{}", 405},
        {"PATCH", "investigate/bulk/x", "{}", 405},
        {"GET", "investigate/bulk/x/cancel", "", 405},
        {"POST", "submissions", "{}", 400},
        {"PUT", "submissions", "{}", 405},
        {"GET", "submissions/x", "", 404},
        {"GET", "phishguard", "", 404},
        {"DELETE", "phishguard/reports", "", 405},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.method << ' ' << one.rest) {
            BOOST_TEST(c.send(one.method, mail_path(one.rest), one.body).status == one.status);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_seed_makes_the_mail) {
    auto const ids = [](std::uint64_t seed, std::string const& account) {
        sim::options opts;
        opts.seed(seed);
        sim::server const one(opts);
        client of_it(one);
        std::string const target = "/client/v4/accounts/" + account + "/email-security/investigate";
        strings const all = column(of_it.send("GET", target), "id");
        return std::set(all.begin(), all.end());
    };
    BOOST_TEST((ids(1, "acc") == ids(1, "acc")));
    BOOST_TEST((ids(1, "acc") != ids(2, "acc")));
    BOOST_TEST((ids(1, "acc") != ids(1, "other")));
}

BOOST_AUTO_TEST_SUITE_END()
