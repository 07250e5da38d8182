#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;

namespace {

es::new_block_sender new_pattern() {
    return es::new_block_sender{"a+b@c.test", es::pattern_type::email}.comments("c");
}

auto const found =
    success(R"([{"id":"other","pattern":"a+b@c.test","pattern_type":"DOMAIN","is_regex":false},)"
            R"({"id":"regex","pattern":"a+b@c.test","pattern_type":"EMAIL","is_regex":true},)"
            R"({"id":"longer","pattern":"xa+b@c.test","pattern_type":"EMAIL","is_regex":false},)"
            R"({"id":"it","pattern":"a+b@c.test","pattern_type":"EMAIL","is_regex":false,)"
            R"("comments":"c"}])");
auto const only_others =
    success(R"([{"id":"other","pattern":"a+b@c.test","pattern_type":"DOMAIN","is_regex":false},)"
            R"({"id":"regex","pattern":"a+b@c.test","pattern_type":"EMAIL","is_regex":true}])");
auto const unavailable = failure(503, 1, "down");

std::string methods(world const& w) {
    std::string all;
    for (auto const& each : w.server.requests()) all += each.method + ' ';
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unknown_outcome)

BOOST_AUTO_TEST_CASE(a_create_that_took_effect_is_found) {
    world w;
    w.server.answers({unavailable, found});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "it");
    BOOST_TEST(made->comments.value() == "c");
    BOOST_TEST(methods(w) == "POST GET ");
    auto const target = w.server.requests().at(1).target;
    BOOST_TEST(target.find("/block_senders?") != std::string::npos);
    BOOST_TEST(target.find("pattern=a%2Bb%40c.test") != std::string::npos);
    BOOST_TEST(target.find("pattern_type=EMAIL") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_create_that_did_not_is_sent_again) {
    world w;
    w.server.answers({unavailable, only_others, success(R"({"id":"new"})")});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "new");
    BOOST_TEST(methods(w) == "POST GET POST ");
}

BOOST_AUTO_TEST_CASE(every_way_to_lose_the_answer) {
    auto const closing = std::string{"Connection: close\r\n"};
    for (auto const& how : std::vector<script>{
             {expect("POST"), reset()},
             {expect("POST"), close()},
             {expect("POST"), drop()},
             {expect("POST"), answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), drop()},
             {expect("POST"), answer("nonsense\r\n\r\n"), hang()},
             {expect("POST"), answer(success(R"({"id":"half","pattern)", closing)), hang()},
             {expect("POST"), answer(http_answer(200, "", closing)), hang()},
             {expect("POST"), answer(http_answer(200, "<html>", closing)), hang()}}) {
        world w;
        w.server.on_connection(how).otherwise({serve([](seen_request const& request) {
            return request.method == "GET" ? found : failure(500, 1, "a second POST");
        })});
        auto const made = w.run(w.blocked().create(new_pattern()));
        REQUIRE_VALUE(made);
        BOOST_TEST(made->id.text() == "it");
    }
}

BOOST_AUTO_TEST_CASE(a_broken_answer_leaves_nothing_behind) {
    world w;
    w.server.answers({http_answer(200, R"({"success":true,"result":{"comments":"old","id":"old",)"
                                       R"("modified_at":"2001-01-01T00:00:00Z","pattern":)"),
                      success("[]"),
                      success(R"({"id":"new","last_modified":"2002-01-01T00:00:00Z"})")});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "new");
    BOOST_TEST(!made->comments.has_value());
    BOOST_TEST(cloudflare::to_string(made->modified_at.value()) == "2002-01-01T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(a_conflict_after_an_unknown_outcome_is_success) {
    world w;
    // The list lags behind: what the first attempt created is not there at first.
    w.server.answers({unavailable, success("[]"), failure(409, 1, "exists"), found});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "it");
    BOOST_TEST(methods(w) == "POST GET POST GET ");
}

BOOST_AUTO_TEST_CASE(a_conflict_at_first_is_an_error) {
    world w;
    w.server.answers({failure(409, 1, "exists"), found});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_ERROR(made, errc::conflict);
    BOOST_CHECK(made.error().outcome() == outcome::rejected);
    BOOST_TEST(methods(w) == "POST ");
}

BOOST_AUTO_TEST_CASE(also_the_last_attempt_is_settled) {
    world w;
    w.server.answers({unavailable, found});
    auto const options = call_options{}.max_retries(0);
    auto const made = w.run(w.blocked().create(new_pattern(), options));
    REQUIRE_VALUE(made);
    BOOST_TEST(methods(w) == "POST GET ");

    world other;
    other.server.answers({unavailable, success("[]")});
    auto const lost = other.run(other.blocked().create(new_pattern(), options));
    REQUIRE_ERROR(lost, errc::server_error);
    // The server has not said that it did not do it.
    BOOST_CHECK(lost.error().outcome() == outcome::unknown);
    BOOST_TEST(methods(other) == "POST GET ");
}

BOOST_AUTO_TEST_CASE(settling_can_be_turned_off) {
    world w;
    w.server.answers({unavailable, found});
    auto const made =
        w.run(w.blocked().create(new_pattern(), call_options{}.settle_unknown(false)));
    REQUIRE_ERROR(made, errc::server_error);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(made.error().attempts() == 1);
    BOOST_TEST(methods(w) == "POST ");
}

BOOST_AUTO_TEST_CASE(a_lookup_that_fails_leaves_the_outcome_open) {
    world w;
    w.server.answers({unavailable, failure(403, 10000, "may not read")});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_ERROR(made, errc::server_error);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(methods(w) == "POST GET ");
}

BOOST_AUTO_TEST_CASE(a_refusal_is_no_unknown_outcome) {
    world w;
    w.server.answers({failure(422, 1, "no")});
    auto const made = w.run(w.blocked().create(new_pattern()));
    REQUIRE_ERROR(made, errc::request_rejected);
    BOOST_CHECK(made.error().outcome() == outcome::rejected);
    BOOST_TEST(methods(w) == "POST ");
}

BOOST_AUTO_TEST_CASE(gone_by_an_earlier_attempt_is_deleted) {
    world w;
    w.server.on_connection({expect("DELETE"), reset()})
        .on_connection({expect("DELETE"), answer(failure(404, 1, "not found")), hang()});
    auto const info = std::make_shared<cloudflare::response_info>();
    auto const gone = w.run(w.blocked().remove("it", call_options{}.info(info)));
    REQUIRE_VALUE(gone);
    BOOST_TEST(gone->id.text() == "it");
    BOOST_TEST(info->attempts == 2);
}

BOOST_AUTO_TEST_CASE(not_there_at_first_is_not_found) {
    world w;
    w.server.answers({failure(404, 1, "not found")});
    auto const gone = w.run(w.blocked().remove("it"));
    REQUIRE_ERROR(gone, errc::not_found);
    BOOST_CHECK(gone.error().outcome() == outcome::rejected);
}

BOOST_AUTO_TEST_CASE(not_there_after_a_refusal_is_not_found) {
    world w;
    w.server.answers({failure(429, 1, "slow", "Retry-After: 0\r\n"), failure(404, 1, "not found")});
    REQUIRE_ERROR(w.run(w.blocked().remove("it")), errc::not_found);
    BOOST_TEST(methods(w) == "DELETE DELETE ");
}

BOOST_AUTO_TEST_CASE(a_batch_is_sent_once) {
    world w;
    w.server.answers({unavailable, success("{}")});
    auto const done =
        w.run(w.blocked().batch(es::block_senders::batch_request{}.create(new_pattern())));
    REQUIRE_ERROR(done, errc::server_error);
    BOOST_CHECK(done.error().outcome() == outcome::unknown);
    BOOST_TEST(methods(w) == "POST ");
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_refused_for_the_quota_is_sent_again) {
    world w;
    w.server.answers({failure(429, 1, "slow", "Retry-After: 0\r\n"),
                      success(R"({"posts":[{"id":1,"pattern":"a+b@c.test"}]})")});
    REQUIRE_VALUE(
        w.run(w.blocked().batch(es::block_senders::batch_request{}.create(new_pattern()))));
    BOOST_TEST(methods(w) == "POST POST ");
}

BOOST_AUTO_TEST_CASE(an_edit_is_simply_repeated) {
    world w;
    w.server.answers({unavailable, success(R"({"id":1})")});
    REQUIRE_VALUE(w.run(w.blocked().edit(1, es::block_sender_patch{}.is_regex(true))));
    BOOST_TEST(methods(w) == "PATCH PATCH ");
}

BOOST_AUTO_TEST_CASE(an_edit_that_failed_may_have_been_applied) {
    world w;
    w.server.answers({unavailable, failure(422, 1, "no")});
    auto const edited = w.run(w.blocked().edit(1, es::block_sender_patch{}.is_regex(true)));
    REQUIRE_ERROR(edited, errc::request_rejected);
    // The second attempt was refused, yet the first may have been applied.
    BOOST_CHECK(edited.error().outcome() == outcome::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
