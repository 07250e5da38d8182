#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;

namespace {

auto const uuid = std::string{"f174e90a-fafe-4643-bbbc-4a0ed4fc8415"};

/// A connection that expects one request and gives one answer.
script exchange(std::string method, std::string target, std::string reply) {
    return {expect(std::move(method), std::move(target)), answer(std::move(reply))};
}

/// What the request must carry, whatever the operation.
void check_common_headers(seen_request const& request, world const& with) {
    BOOST_TEST(request.header("Host") == "127.0.0.1:" + std::to_string(with.server.port()));
    BOOST_TEST(request.header("Authorization") == std::string{"Bearer "} + token);
    BOOST_TEST(request.header("Accept") == "application/json");
    BOOST_TEST(request.header("User-Agent").starts_with("cloudflare-email-security-cpp/"));
    BOOST_TEST(request.header("X-Auth-Key") == "(absent)");
    BOOST_TEST(request.header("Accept-Encoding") == "(absent)");
}
void check_json_body(seen_request const& request, std::string const& body) {
    BOOST_TEST(request.body == body);
    BOOST_TEST(request.header("Content-Type") == "application/json");
    BOOST_TEST(request.header("Content-Length") == std::to_string(body.size()));
}
void check_no_body(seen_request const& request) {
    BOOST_TEST(request.body == "");
    BOOST_TEST(request.header("Content-Type") == "(absent)");
    BOOST_TEST(request.header("Content-Length") == "(absent)");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(block_senders)

BOOST_AUTO_TEST_CASE(remove_by_integer) {
    world w;
    w.server.on_connection(exchange("DELETE", senders + "/2402", success(R"({"id":2402})")));
    auto const gone = w.run(w.blocked().remove(2402));
    REQUIRE_VALUE(gone);
    BOOST_TEST(gone->id.text() == "2402");
    BOOST_TEST(gone->id.is_integer());
    auto const request = w.server.requests().at(0);
    check_common_headers(request, w);
    check_no_body(request);
}

BOOST_AUTO_TEST_CASE(remove_by_uuid) {
    world w;
    w.server.on_connection(
        exchange("DELETE", senders + '/' + uuid, success(R"({"id":")" + uuid + R"("})")));
    auto const gone = w.run(w.blocked().remove(uuid));
    REQUIRE_VALUE(gone);
    BOOST_TEST(gone->id.text() == uuid);
    BOOST_TEST(!gone->id.is_integer());
    check_no_body(w.server.requests().at(0));
}

BOOST_AUTO_TEST_CASE(remove_without_a_result) {
    world w;
    w.server.answers({success("null"), "HTTP/1.1 204 No Content\r\n\r\n"});
    auto const blocked = w.blocked();
    for (int i = 0; i < 2; ++i) {
        auto const gone = w.run(blocked.remove(uuid));
        REQUIRE_VALUE(gone);
        BOOST_TEST(gone->id.text() == uuid);
    }
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(create_in_the_older_form) {
    world w;
    w.server.on_connection(exchange(
        "POST", senders,
        http_answer(
            201,
            R"({"errors":[{"code":1000,"message":"message","documentation_url":"documentation_url",)"
            R"("source":{"pointer":"pointer"}}],"messages":[{"code":1000,"message":"message",)"
            R"("documentation_url":"documentation_url","source":{"pointer":"pointer"}}],)"
            R"("success":true,"result":{"id":2402,"created_at":"2014-01-01T05:20:00.12345Z",)"
            R"("is_regex":false,"last_modified":"2014-01-02T05:20:00.12345Z",)"
            R"("pattern":"test@example.com","pattern_type":"EMAIL","comments":"block sender"}})")));
    auto const made = w.run(w.blocked().create(
        es::new_block_sender{"test@example.com", es::pattern_type::email}.comments(
            "block sender")));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "2402");
    BOOST_TEST(made->id.is_integer());
    BOOST_TEST(made->pattern.value() == "test@example.com");
    BOOST_CHECK(made->pattern_type == es::pattern_type::email);
    BOOST_TEST(made->is_regex.value() == false);
    BOOST_TEST(made->comments.value() == "block sender");
    BOOST_TEST(cloudflare::to_string(made->created_at.value()) == "2014-01-01T05:20:00.123450Z");
    BOOST_TEST(cloudflare::to_string(made->modified_at.value()) == "2014-01-02T05:20:00.123450Z");

    auto const request = w.server.requests().at(0);
    check_common_headers(request, w);
    check_json_body(request, R"({"pattern":"test@example.com","pattern_type":"EMAIL",)"
                             R"("is_regex":false,"comments":"block sender"})");
}

BOOST_AUTO_TEST_CASE(create_in_the_newer_form) {
    world w;
    w.server.on_connection(exchange(
        "POST", senders,
        http_answer(201, R"({"success":true,"errors":[],"messages":[],"result":{"id":")" + uuid +
                             R"(","created_at":"2024-01-01T05:20:00Z","is_regex":true,)"
                             R"("modified_at":"2024-06-30T23:59:59+02:00",)"
                             R"("last_modified":"2014-01-01T00:00:00Z","pattern":".*@evil\\.test",)"
                             R"("pattern_type":"DOMAIN","comments":null}})")));
    auto const made = w.run(w.blocked().create(
        es::new_block_sender{R"(.*@evil\.test)", es::pattern_type::domain}.is_regex(true)));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == uuid);
    BOOST_TEST(!made->id.is_integer());
    BOOST_TEST(made->is_regex.value() == true);
    BOOST_TEST(made->pattern.value() == R"(.*@evil\.test)");
    BOOST_TEST(!made->comments.has_value());
    BOOST_TEST(cloudflare::to_string(made->modified_at.value()) == "2024-06-30T21:59:59.000000Z");
    check_json_body(w.server.requests().at(0),
                    R"({"pattern":".*@evil\\.test","pattern_type":"DOMAIN","is_regex":true})");
}

BOOST_AUTO_TEST_CASE(get_with_every_field) {
    world w;
    w.server.on_connection(exchange(
        "GET", senders + '/' + uuid,
        success(R"({"id":")" + uuid +
                R"(","comments":"c","created_at":"2014-01-01T05:20:00.12345Z","is_regex":true,)"
                R"("last_modified":"2014-01-01T05:20:00.12345Z",)"
                R"("modified_at":"2014-01-01T05:20:01Z","pattern":"1.2.3.0/24",)"
                R"("pattern_type":"IP"})")));
    auto const got = w.run(w.blocked().get(uuid));
    REQUIRE_VALUE(got);
    BOOST_TEST(got->id.text() == uuid);
    BOOST_TEST(got->comments.value() == "c");
    BOOST_TEST(got->is_regex.value() == true);
    BOOST_TEST(got->pattern.value() == "1.2.3.0/24");
    BOOST_CHECK(got->pattern_type == es::pattern_type::ip);
    BOOST_TEST(cloudflare::to_string(got->created_at.value()) == "2014-01-01T05:20:00.123450Z");
    BOOST_TEST(cloudflare::to_string(got->modified_at.value()) == "2014-01-01T05:20:01.000000Z");
    check_common_headers(w.server.requests().at(0), w);
    check_no_body(w.server.requests().at(0));
}

BOOST_AUTO_TEST_CASE(get_with_no_field_or_null) {
    world w;
    w.server.answers({success("{}"),
                      success(R"({"id":null,"comments":null,"created_at":null,"is_regex":null,)"
                              R"("last_modified":null,"modified_at":null,"pattern":null,)"
                              R"("pattern_type":null})"),
                      http_answer(200, R"({"success":true,"errors":null,"messages":null,)"
                                       R"("result":{}})")});
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) {
        auto const got = w.run(blocked.get(uuid));
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.empty());
        BOOST_TEST(!got->pattern);
        BOOST_CHECK(!got->pattern_type);
        BOOST_TEST(!got->is_regex.has_value());
        BOOST_TEST(!got->comments);
        BOOST_CHECK(!got->created_at);
        BOOST_CHECK(!got->modified_at);
    }
}

BOOST_AUTO_TEST_CASE(older_time_never_overrides_the_newer) {
    world w;
    w.server.answers(
        {success(
             R"({"last_modified":"2001-01-01T00:00:00Z","modified_at":"2002-01-01T00:00:00Z"})"),
         success(
             R"({"modified_at":"2002-01-01T00:00:00Z","last_modified":"2001-01-01T00:00:00Z"})"),
         success(R"({"modified_at":"2002-01-01T00:00:00Z","last_modified":null})"),
         success(R"({"last_modified":null,"modified_at":"2002-01-01T00:00:00Z"})"),
         success(R"({"last_modified":"2002-01-01T00:00:00Z","modified_at":null})"),
         success(R"({"modified_at":null,"last_modified":"2002-01-01T00:00:00Z"})")});
    auto const blocked = w.blocked();
    for (int i = 0; i < 6; ++i) {
        auto const got = w.run(blocked.get(1));
        REQUIRE_VALUE(got);
        BOOST_TEST_CONTEXT("answer " << i) {
            BOOST_TEST(got->modified_at.has_value());
            BOOST_TEST(cloudflare::to_string(got->modified_at.value_or(cloudflare::timestamp{})) ==
                       "2002-01-01T00:00:00.000000Z");
        }
    }
}

BOOST_AUTO_TEST_CASE(edit_sends_only_what_is_given) {
    world w;
    w.server.answers({success(R"({"id":")" + std::string{uuid} + R"(","comments":"new"})")});
    auto const blocked = w.blocked();
    auto const edited = w.run(blocked.edit(uuid, es::block_sender_patch{}.comments("new")));
    REQUIRE_VALUE(edited);
    BOOST_TEST(edited->comments.value() == "new");
    REQUIRE_VALUE(w.run(blocked.edit(uuid, es::block_sender_patch{}.clear_comments())));
    REQUIRE_VALUE(w.run(blocked.edit(uuid, es::block_sender_patch{}.is_regex(false))));
    REQUIRE_VALUE(w.run(blocked.edit(uuid, es::block_sender_patch{}
                                               .pattern("a.test")
                                               .pattern_type(es::pattern_type::domain)
                                               .is_regex(true)
                                               .comments(""))));
    auto const requests = w.server.requests();
    BOOST_REQUIRE(requests.size() == 4u);
    for (auto const& each : requests) {
        BOOST_TEST(each.method == "PATCH");
        BOOST_TEST(each.target == "/client/v4" + senders + '/' + uuid);
        check_common_headers(each, w);
    }
    check_json_body(requests[0], R"({"comments":"new"})");
    check_json_body(requests[1], R"({"comments":null})");
    check_json_body(requests[2], R"({"is_regex":false})");
    check_json_body(
        requests[3],
        R"({"pattern":"a.test","pattern_type":"DOMAIN","is_regex":true,"comments":""})");
}

BOOST_AUTO_TEST_CASE(batch_sends_all_four_kinds) {
    world w;
    w.server.answers(
        {success(R"({"deletes":[{"id":1}],"patches":[{"id":2,"pattern":"p"}],)"
                 R"("puts":[{"id":"u","pattern":"q"}],"posts":[)"
                 R"({"id":4,"pattern":"r@s.test"},{"id":"five","pattern":"1.2.3.4"}]})"),
         success(R"({"deletes":[{"id":"x"}],"patches":[],"puts":null})")});
    auto const blocked = w.blocked();
    auto const done = w.run(blocked.batch(
        es::block_senders::batch_request{}
            .remove(1)
            .edit(2, es::block_sender_patch{}.pattern("p").clear_comments())
            .replace("u", es::new_block_sender{"q.test", es::pattern_type::domain})
            .create(es::new_block_sender{"r@s.test", es::pattern_type::email}.comments("why"))
            .create(es::new_block_sender{"1.2.3.4", es::pattern_type::ip})));
    REQUIRE_VALUE(done);
    BOOST_TEST(done->deletes.at(0).id.text() == "1");
    BOOST_TEST(done->patches.at(0).pattern.value() == "p");
    BOOST_TEST(done->puts.at(0).id.text() == "u");
    BOOST_REQUIRE(done->posts.size() == 2u);
    BOOST_TEST(done->posts[1].id.text() == "five");

    auto const second = w.run(blocked.batch(es::block_senders::batch_request{}.remove("x")));
    REQUIRE_VALUE(second);
    BOOST_TEST(second->deletes.at(0).id.text() == "x");
    BOOST_TEST(second->posts.empty());

    auto const requests = w.server.requests();
    BOOST_REQUIRE(requests.size() == 2u);
    BOOST_TEST(requests[0].method == "POST");
    BOOST_TEST(requests[0].target == "/client/v4" + senders + "/batch");
    check_json_body(requests[0],
                    R"({"deletes":[{"id":1}],"patches":[{"id":2,"pattern":"p","comments":null}],)"
                    R"("puts":[{"id":"u","pattern":"q.test","pattern_type":"DOMAIN",)"
                    R"("is_regex":false}],"posts":[{"pattern":"r@s.test","pattern_type":"EMAIL",)"
                    R"("is_regex":false,"comments":"why"},{"pattern":"1.2.3.4",)"
                    R"("pattern_type":"IP","is_regex":false}]})");
    check_json_body(requests[1], R"({"deletes":[{"id":"x"}],"patches":[],"puts":[],"posts":[]})");
}

BOOST_AUTO_TEST_CASE(text_is_escaped_on_the_wire) {
    world w;
    w.server.answers({success(R"({"id":1})")});
    auto const comment = std::string{"quote \" slash \\ line\n tab\t bell\x07 umlaut \xc3\xbc"};
    REQUIRE_VALUE(w.run(w.blocked().create(
        es::new_block_sender{"a.test", es::pattern_type::domain}.comments(comment))));
    check_json_body(w.server.requests().at(0),
                    R"({"pattern":"a.test","pattern_type":"DOMAIN","is_regex":false,)"
                    R"("comments":"quote \" slash \\ line\n tab\t bell\u0007 umlaut )"
                    "\xc3\xbc\"}");
}

BOOST_AUTO_TEST_CASE(email_and_key_instead_of_a_token) {
    world w;
    w.server.answers({success("{}")});
    auto options = w.options();
    options.credentials(cloudflare::credentials::global_key("me@example.com", "global-key"));
    REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
    auto const request = w.server.requests().at(0);
    BOOST_TEST(request.header("X-Auth-Email") == "me@example.com");
    BOOST_TEST(request.header("X-Auth-Key") == "global-key");
    BOOST_TEST(request.header("Authorization") == "(absent)");
}

BOOST_AUTO_TEST_CASE(own_user_agent_and_headers) {
    world w;
    w.server.answers({success("{}")});
    auto options = w.options();
    options.user_agent("my-feed/2.1");
    REQUIRE_VALUE(w.run(
        w.blocked(options).get(1, call_options{}.header("X-Trace", "abc").header("X-B", ""))));
    auto const request = w.server.requests().at(0);
    BOOST_TEST(
        request.header("User-Agent").starts_with("my-feed/2.1 cloudflare-email-security-cpp/"));
    BOOST_TEST(request.header("X-Trace") == "abc");
    BOOST_TEST(request.header("X-B") == "");
}

BOOST_AUTO_TEST_CASE(identifiers_and_accounts_are_percent_encoded) {
    world w;
    w.server.answers({success("{}")});
    es::block_senders const blocked{w.connect(), "a b?c#d%"};
    REQUIRE_VALUE(w.run(blocked.get("x y?z=1&%2e%2e#\xc3\xbc")));
    BOOST_TEST(w.server.requests().at(0).target ==
               "/client/v4/accounts/a%20b%3Fc%23d%25/email-security/settings/block_senders/"
               "x%20y%3Fz%3D1%26%252e%252e%23%C3%BC");
}

BOOST_AUTO_TEST_CASE(what_came_beside_the_result) {
    world w;
    w.server.answers(
        {http_answer(201,
                     R"({"success":true,"errors":[],"messages":[{"code":7,"message":"mind this",)"
                     R"("documentation_url":"https://d.test","source":{"pointer":"/pattern"}},)"
                     R"({"code":8.0,"message":"and that"}],"result":{"id":1}})",
                     "CF-Ray: 8f00-FRA\r\n")});
    auto const info = std::make_shared<cloudflare::response_info>();
    REQUIRE_VALUE(w.run(w.blocked().create(es::new_block_sender{"a.test", es::pattern_type::domain},
                                           call_options{}.info(info))));
    BOOST_TEST(info->status == 201u);
    BOOST_TEST(info->ray_id == "8f00-FRA");
    BOOST_TEST(info->attempts == 1);
    BOOST_REQUIRE(info->messages.size() == 2u);
    BOOST_TEST(info->messages[0].code == 7);
    BOOST_TEST(info->messages[0].message == "mind this");
    BOOST_TEST(info->messages[0].documentation_url == "https://d.test");
    BOOST_TEST(info->messages[0].source_pointer == "/pattern");
    BOOST_TEST(info->messages[1].code == 8);
}

BOOST_AUTO_TEST_SUITE_END()
