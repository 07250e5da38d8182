#include "harness.hpp"

#include <cloudflare/email_security/allow_policies.hpp>

#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;

namespace {

auto const policies =
    std::string{"/accounts/"} + account + "/email-security/settings/allow_policies";
auto const uuid = std::string{"f174e90a-fafe-4643-bbbc-4a0ed4fc8415"};

es::allow_policies allowed(world& w) {
    return {w.connect(), account};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(allow_policies)

BOOST_AUTO_TEST_CASE(remove_by_integer) {
    world w;
    w.server.on_connection(
        {expect("DELETE", policies + "/2401"), answer(success(R"({"id":2401})"))});
    auto const gone = w.run(allowed(w).remove(2401));
    REQUIRE_VALUE(gone);
    BOOST_TEST(gone->id.text() == "2401");
    BOOST_TEST(gone->id.is_integer());
    auto const request = w.server.requests().at(0);
    BOOST_TEST(request.header("Authorization") == std::string{"Bearer "} + token);
    BOOST_TEST(request.header("Content-Type") == "(absent)");
    BOOST_TEST(request.body == "");
}

BOOST_AUTO_TEST_CASE(remove_by_uuid) {
    world w;
    w.server.on_connection(
        {expect("DELETE", policies + '/' + uuid), answer(success(R"({"id":")" + uuid + R"("})"))});
    auto const gone = w.run(allowed(w).remove(uuid));
    REQUIRE_VALUE(gone);
    BOOST_TEST(gone->id.text() == uuid);
    BOOST_TEST(!gone->id.is_integer());
}

BOOST_AUTO_TEST_CASE(create_with_every_flag) {
    world w;
    w.server.on_connection(
        {expect("POST", policies),
         answer(http_answer(
             201, R"({"success":true,"errors":[],"messages":[],"result":{"id":2401,)"
                  R"("comments":"trust","created_at":"2014-01-01T05:20:00.12345Z",)"
                  R"("is_acceptable_sender":true,"is_exempt_recipient":true,"is_recipient":false,)"
                  R"("is_regex":true,"is_sender":true,"is_spoof":false,"is_trusted_sender":true,)"
                  R"("last_modified":"2014-01-01T05:20:00.12345Z","pattern":"test@example.com",)"
                  R"("pattern_type":"EMAIL","verify_sender":false}})"))});
    auto const made =
        w.run(allowed(w).create(es::new_allow_policy{"test@example.com", es::pattern_type::email}
                                    .is_regex(true)
                                    .is_trusted_sender(true)
                                    .is_acceptable_sender(true)
                                    .is_exempt_recipient(true)
                                    .verify_sender(false)
                                    .comments("trust")));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "2401");
    BOOST_TEST(made->is_regex.value() == true);
    BOOST_TEST(made->is_trusted_sender.value() == true);
    BOOST_TEST(made->is_acceptable_sender.value() == true);
    BOOST_TEST(made->is_exempt_recipient.value() == true);
    BOOST_TEST(made->verify_sender.value() == false);
    BOOST_TEST(made->comments.value() == "trust");
    BOOST_TEST(cloudflare::to_string(made->modified_at.value()) == "2014-01-01T05:20:00.123450Z");
    BOOST_TEST(w.server.requests().at(0).body ==
               R"({"pattern":"test@example.com","pattern_type":"EMAIL","is_regex":true,)"
               R"("is_trusted_sender":true,"is_acceptable_sender":true,)"
               R"("is_exempt_recipient":true,"verify_sender":false,"comments":"trust"})");
}

BOOST_AUTO_TEST_CASE(create_with_defaults) {
    world w;
    w.server.answers({success(R"({"id":1})")});
    auto const made =
        w.run(allowed(w).create(es::new_allow_policy{"a.test", es::pattern_type::domain}));
    REQUIRE_VALUE(made);
    BOOST_TEST(!made->verify_sender.has_value());
    BOOST_TEST(w.server.requests().at(0).body ==
               R"({"pattern":"a.test","pattern_type":"DOMAIN","is_regex":false,)"
               R"("is_trusted_sender":false,"is_acceptable_sender":false,)"
               R"("is_exempt_recipient":false,"verify_sender":true})");
}

BOOST_AUTO_TEST_CASE(edit_each_flag_alone) {
    world w;
    w.server.answers({success(R"({"id":")" + std::string{uuid} + "\"}")});
    auto const allow = allowed(w);
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.is_trusted_sender(true))));
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.is_acceptable_sender(false))));
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.is_exempt_recipient(true))));
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.verify_sender(false))));
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.clear_comments())));
    REQUIRE_VALUE(w.run(allow.edit(uuid, es::allow_policy_patch{}.pattern("x").is_regex(true))));
    auto const requests = w.server.requests();
    BOOST_REQUIRE(requests.size() == 6u);
    BOOST_TEST(requests[0].method == "PATCH");
    BOOST_TEST(requests[0].target == "/client/v4" + policies + '/' + uuid);
    BOOST_TEST(requests[0].body == R"({"is_trusted_sender":true})");
    BOOST_TEST(requests[1].body == R"({"is_acceptable_sender":false})");
    BOOST_TEST(requests[2].body == R"({"is_exempt_recipient":true})");
    BOOST_TEST(requests[3].body == R"({"verify_sender":false})");
    BOOST_TEST(requests[4].body == R"({"comments":null})");
    BOOST_TEST(requests[5].body == R"({"pattern":"x","is_regex":true})");
}

BOOST_AUTO_TEST_CASE(every_filter_in_the_query) {
    world w;
    w.server.answers({success("[]")});
    REQUIRE_VALUE(w.run(allowed(w).list_page(es::allow_policy_filter{}
                                                 .page(3)
                                                 .per_page(50)
                                                 .search("a&b=c")
                                                 .order(es::list_order::pattern)
                                                 .direction(es::direction::descending)
                                                 .pattern_type(es::pattern_type::ip)
                                                 .pattern("1.2.3.0/24")
                                                 .is_trusted_sender(true)
                                                 .is_acceptable_sender(false)
                                                 .is_exempt_recipient(true)
                                                 .verify_sender(false))));
    BOOST_TEST(w.server.requests().at(0).target ==
               "/client/v4" + policies +
                   "?page=3&per_page=50&search=a%26b%3Dc&order=pattern&direction=desc"
                   "&pattern_type=IP&pattern=1.2.3.0%2F24&is_trusted_sender=true"
                   "&is_acceptable_sender=false&is_exempt_recipient=true&verify_sender=false");
}

BOOST_AUTO_TEST_CASE(batch_and_get) {
    world w;
    w.server.on_connection({expect("POST", policies + "/batch"),
                            answer(success(R"({"posts":[{"id":9,"pattern":"a.test"}]})")),
                            expect("GET", policies + "/9"),
                            answer(success(R"({"id":9,"verify_sender":true})"))});
    auto const allow = allowed(w);
    auto const done = w.run(allow.batch(es::allow_policies::batch_request{}.create(
        es::new_allow_policy{"a.test", es::pattern_type::domain})));
    REQUIRE_VALUE(done);
    auto const got = w.run(allow.get(done->posts.at(0).id));
    REQUIRE_VALUE(got);
    BOOST_TEST(got->verify_sender.value() == true);
    BOOST_TEST(w.server.requests().at(0).body ==
               R"({"deletes":[],"patches":[],"puts":[],"posts":[{"pattern":"a.test",)"
               R"("pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":false,)"
               R"("is_acceptable_sender":false,"is_exempt_recipient":false,)"
               R"("verify_sender":true}]})");
}

BOOST_AUTO_TEST_CASE(limits_are_checked_before_sending) {
    world w;
    auto const allow = allowed(w);
    auto const refused = [&w](auto operation) {
        auto const got = w.run(std::move(operation));
        REQUIRE_ERROR(got, errc::invalid_argument);
        BOOST_CHECK(got.error().outcome() == cloudflare::outcome::not_sent);
        return got.error().detail();
    };
    BOOST_TEST(refused(allow.create({"", es::pattern_type::email})) == "pattern is empty");
    BOOST_TEST(refused(allow.create({"a", es::pattern_type::unknown})).find("pattern_type") == 0u);
    BOOST_TEST(refused(allow.edit(1, es::allow_policy_patch{})).find("no field") == 0u);
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
