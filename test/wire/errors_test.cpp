#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;

namespace {

auto const once = call_options{}.max_retries(0);

cloudflare::result<es::block_sender> get_from(std::string const& bytes) {
    world w;
    w.server.answers({bytes});
    return w.run(w.blocked().get(1, once));
}

bool has(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(everything_that_cloudflare_says) {
    auto const got = get_from(http_answer(
        422,
        R"({"success":false,"errors":[{"code":1003,"message":"pattern is not a domain",)"
        R"("documentation_url":"https://d.test/1003","source":{"pointer":"/pattern"}},)"
        R"({"code":7,"message":"second"}],"messages":[{"code":9,"message":"hint"}],"result":null})",
        "CF-Ray: 8f1-AMS\r\n"));
    REQUIRE_ERROR(got, errc::request_rejected);
    auto const& e = got.error();
    BOOST_TEST(e.status() == 422u);
    BOOST_TEST(e.ray_id() == "8f1-AMS");
    BOOST_TEST(e.outcome() == outcome::rejected);
    BOOST_REQUIRE(e.errors().size() == 2u);
    BOOST_TEST(e.errors()[0].code == 1003);
    BOOST_TEST(e.errors()[0].message == "pattern is not a domain");
    BOOST_TEST(e.errors()[0].documentation_url == "https://d.test/1003");
    BOOST_TEST(e.errors()[0].source_pointer == "/pattern");
    BOOST_TEST(e.errors()[1].code == 7);
    BOOST_TEST(e.messages().at(0).message == "hint");
    for (auto const* const part :
         {"pattern is not a domain", "1003", "/pattern", "second", "HTTP 422", "8f1-AMS"}) {
        BOOST_TEST(has(e.message(), part), e.message());
    }
    try {
        got.value();
        BOOST_ERROR("a value of an error");
    } catch (cloudflare::exception const& thrown) {
        BOOST_TEST(thrown.what() == e.message());
        BOOST_CHECK(thrown.code() == e.code());
        auto const copy = thrown;
        BOOST_TEST(copy.what() == e.message());
    }
}

BOOST_AUTO_TEST_CASE(a_message_is_one_short_line) {
    auto const got = get_from(http_answer(
        400,
        R"({"success":false,"errors":[{"code":1,"message":"one\r\ntwo\u001b[31m\u0085\u00fc"}]})"));
    REQUIRE_ERROR(got, errc::request_rejected);
    BOOST_TEST(got.error().errors().at(0).message == "one\r\ntwo\x1b[31m\xc2\x85\xc3\xbc");
    BOOST_TEST(got.error().message() ==
               "request rejected: one  two<U+001B>[31m \xc3\xbc (code 1) [HTTP 400]");
}

BOOST_AUTO_TEST_CASE(a_title_is_told_whatever_else_is_in_the_page) {
    auto const got = get_from(http_answer(
        502, R"(<html><title>Bad gateway</title><script>let a = "\n";</script></html>)"));
    REQUIRE_ERROR(got, errc::server_error);
    BOOST_TEST(has(got.error().message(), "Bad gateway"), got.error().message());
}

BOOST_AUTO_TEST_CASE(no_error_holds_a_whole_body) {
    std::string const text(100'000, 'x');
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += R"(,{"code":7,"message":")" + std::string(500, 'x') + R"("})";
    }
    auto const got = get_from(http_answer(
        400, R"({"success":false,"errors":[{"code":1,"message":")" + text +
                 R"(","documentation_url":")" + text + R"(","source":{"pointer":")" + text +
                 R"("}})" + many + R"(],"messages":[{"message":")" + text + R"("}]})"));
    REQUIRE_ERROR(got, errc::request_rejected);
    auto const errors = got.error().errors();
    BOOST_REQUIRE(errors.size() == 256u);  // the first ones
    BOOST_TEST(errors[0].message.size() <= 1024u);
    BOOST_TEST(errors[0].documentation_url.size() <= 1024u);
    BOOST_TEST(errors[0].source_pointer.size() <= 1024u);
    BOOST_TEST(errors[255].message == std::string(500, 'x'));
    BOOST_TEST(got.error().messages().at(0).message.size() <= 1024u);
    BOOST_TEST(got.error().message().size() <= 16'000u);
    BOOST_TEST(has(got.error().message(), "and 251 more"), got.error().message());
}

BOOST_AUTO_TEST_CASE(what_a_status_means) {
    struct row {
        unsigned status;
        errc code;
    };
    for (auto const& [status, code] : std::vector<row>{{400, errc::request_rejected},
                                                       {401, errc::unauthorized},
                                                       {402, errc::not_entitled},
                                                       {403, errc::forbidden},
                                                       {404, errc::not_found},
                                                       {409, errc::conflict},
                                                       {410, errc::not_found},
                                                       {415, errc::request_rejected},
                                                       {429, errc::rate_limited},
                                                       {500, errc::server_error},
                                                       {503, errc::server_error},
                                                       {522, errc::server_error}}) {
        BOOST_TEST_CONTEXT("status " << status) {
            REQUIRE_ERROR(get_from(failure(status, 1, "no")), code);
        }
    }
    REQUIRE_ERROR(get_from(failure(400, 6003, "Invalid request headers")), errc::unauthorized);
    REQUIRE_ERROR(get_from(failure(400, 9106, "Missing headers")), errc::unauthorized);
}

BOOST_AUTO_TEST_CASE(success_false_under_200) {
    REQUIRE_ERROR(get_from(failure(200, 42, "not really")), errc::request_rejected);
    // Also where the result is of another type than a success has.
    for (auto const* const result : {"[]", "{}", "\"\"", "0", "null"}) {
        auto const got = get_from(http_answer(
            200, std::string{R"({"result":)"} + result +
                     R"(,"success":false,"errors":[{"code":42,"message":"not really"}]})"));
        REQUIRE_ERROR(got, errc::request_rejected);
        BOOST_TEST(got.error().errors().at(0).code == 42);
    }
}

BOOST_AUTO_TEST_CASE(no_envelope) {
    auto const html = get_from(http_answer(
        200, "<!DOCTYPE html>\n<html><head><TITLE>\n Sign in \n</TITLE></head><body>secret"));
    REQUIRE_ERROR(html, errc::malformed_response);
    BOOST_TEST(has(html.error().message(), "Sign in"));
    BOOST_TEST(!has(html.error().message(), "secret"));
    auto const edge = get_from(http_answer(502, "<html><title>502 Bad gateway</title>"));
    REQUIRE_ERROR(edge, errc::server_error);
    BOOST_TEST(has(edge.error().message(), "502 Bad gateway"));
    for (auto const* const body :
         {"", " ", "{", "[]", "null", "true", "{}", "{\"result\":{}}", "{\"success\":\"yes\"}",
          "{\"success\":true}x", "{\"success\":true,\"result\":{\"id\":1}", "\xff\xfe",
          "{\"success\":true,\"result\":{\"pattern\":\"\xff\"}}"}) {
        BOOST_TEST_CONTEXT(body) {
            REQUIRE_ERROR(get_from(http_answer(200, body)), errc::malformed_response);
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_types_are_pointed_at) {
    struct row {
        std::string result;
        std::string pointer;
    };
    for (auto const& [result, pointer] :
         std::vector<row>{{"[]", "/result"},
                          {"7", "/result"},
                          {R"({"id":true})", "/result/id"},
                          {R"({"id":1.5})", "/result/id"},
                          {R"({"id":{}})", "/result/id"},
                          {R"({"pattern":1})", "/result/pattern"},
                          {R"({"pattern_type":3})", "/result/pattern_type"},
                          {R"({"is_regex":"no"})", "/result/is_regex"},
                          {R"({"comments":[]})", "/result/comments"},
                          {R"({"created_at":"yesterday"})", "/result/created_at"},
                          {R"({"modified_at":17})", "/result/modified_at"}}) {
        auto const got = get_from(success(result));
        REQUIRE_ERROR(got, errc::malformed_response);
        BOOST_TEST(has(got.error().message(), pointer + " has"), got.error().message());
    }
    world w;
    w.server.answers({success(R"([{"id":1},{"id":2,"pattern":[]}])")});
    auto const listed = w.run(w.blocked().list_page({}, once));
    REQUIRE_ERROR(listed, errc::malformed_response);
    BOOST_TEST(has(listed.error().message(), "/result/1/pattern has"));
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_no_error) {
    auto const got = get_from(success(
        R"({"future":{"a":[1,{"b":null}]},"pattern_type":"CARRIER_PIGEON","id":1,"x":1e999})"));
    if (got) {
        BOOST_CHECK(!got->pattern_type->value());
        BOOST_TEST(got->pattern_type->text() == "CARRIER_PIGEON");
    }
    auto const plain =
        get_from(success(R"({"future":{"a":[1,{"b":null}]},"pattern_type":"CARRIER_PIGEON"})"));
    REQUIRE_VALUE(plain);
    BOOST_TEST(plain->pattern_type->text() == "CARRIER_PIGEON");
}

BOOST_AUTO_TEST_CASE(deep_nesting_does_no_harm) {
    for (std::size_t const depth : {30u, 10'000u, 200'000u}) {
        auto const nested = std::string(depth, '[') + std::string(depth, ']');
        auto const got = get_from(success(R"({"future":)" + nested + "}"));
        if (depth > 1000) REQUIRE_ERROR(got, errc::malformed_response);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(refused_before_sending)

BOOST_AUTO_TEST_CASE(limits_of_fields) {
    world w;
    auto const blocked = w.blocked();
    auto const refused = [&w](auto operation, std::string const& field) {
        auto const got = w.run(std::move(operation));
        REQUIRE_ERROR(got, errc::invalid_argument);
        BOOST_TEST(got.error().outcome() == outcome::not_sent);
        BOOST_TEST(has(got.error().message(), field), got.error().message());
    };
    using item = es::new_block_sender;
    auto const email = es::pattern_type::email;
    std::string umlauts;
    for (int i = 0; i < 1024; ++i) umlauts += "\xc3\xbc";
    refused(blocked.create(item{}), "pattern");
    refused(blocked.create(item{"", email}), "pattern");
    refused(blocked.create(item{std::string(1025, 'x'), email}), "pattern");
    refused(blocked.create(item{umlauts + "x", email}), "pattern");
    refused(blocked.create(item{"\xff", email}), "pattern");
    refused(blocked.create(item{std::string("a\0b", 3), email}), "pattern");
    refused(blocked.create(item{"x", es::pattern_type::unknown}), "pattern_type");
    refused(blocked.create(item{"x", email}.comments(umlauts + "x")), "comments");
    refused(blocked.edit(1, es::block_sender_patch{}), "no field");
    refused(blocked.edit(1, es::block_sender_patch{}.pattern("")), "pattern");
    refused(blocked.edit(1, es::block_sender_patch{}.pattern_type(es::pattern_type::unknown)),
            "pattern_type");
    refused(blocked.edit(1, es::block_sender_patch{}.comments(umlauts + "x")), "comments");
    for (std::string const id : {"", ".", "..", "a/b", "a\\b", "a\nb", "\x7f", "a\r\n"}) {
        refused(blocked.get(id), "id");
        refused(blocked.remove(id), "id");
        refused(blocked.edit(id, es::block_sender_patch{}.is_regex(true)), "id");
    }
    refused(blocked.get(std::string("a\0b", 3)), "id");
    for (std::string const who : {"", "..", "a/b", "a\nb", "123456789012345678901234567890123"}) {
        refused(es::block_senders(blocked.client(), who).get(1), "account_id");
    }
    es::block_senders::batch_request many;
    refused(blocked.batch(many), "empty");
    for (int i = 0; i < 1001; ++i) many.remove(i);
    refused(blocked.batch(many), "deletes");
    refused(
        blocked.batch(
            es::block_senders::batch_request{}.create(item{"fine", email}).create(item{"", email})),
        "/posts/1");
    refused(blocked.batch(es::block_senders::batch_request{}.edit(1, {})), "/patches/0");
    refused(blocked.batch(es::block_senders::batch_request{}.remove("a/b")), "/deletes/0");
    BOOST_TEST(w.server.connections() == 0u);

    w.server.answers({success(R"({"id":1})")});
    REQUIRE_VALUE(w.run(blocked.create(item{umlauts, email}.comments(umlauts))));
}

BOOST_AUTO_TEST_CASE(headers) {
    world w;
    auto const blocked = w.blocked();
    using pair = std::pair<std::string, std::string>;
    for (auto const& [name, value] : std::vector<pair>{{"X-A", "1\r\nX-B: 2"},
                                                       {"X-A", "1\n"},
                                                       {"X-A", std::string("1\0", 2)},
                                                       {"X-A\r\nX-B", "1"},
                                                       {"X A", "1"},
                                                       {"", "1"},
                                                       {"X-A:", "1"},
                                                       {"authorization", "Bearer x"},
                                                       {"HOST", "x"},
                                                       {"Content-Length", "0"},
                                                       {"Transfer-Encoding", "chunked"}}) {
        REQUIRE_ERROR(w.run(blocked.get(1, call_options{}.header(name, value))),
                      errc::invalid_argument);
    }
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(targets_of_own_requests) {
    world w;
    auto const one = w.connect();
    for (std::string const target :
         {"/a HTTP/1.1\r\nX-Evil: 1", "/a b", "a", "", "/\x01", "/\xff"}) {
        cloudflare::request message;
        message.target = target;
        REQUIRE_ERROR(w.run(one.send(message, {}, {})), errc::invalid_argument);
    }
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(base_urls_and_credentials) {
    world w;
    auto const refused = [&w](cloudflare::client_options const& with) {
        try {
            w.connect(with);
            BOOST_ERROR("a client was made of " << with.base_url());
        } catch (cloudflare::exception const& thrown) {
            BOOST_CHECK(thrown.code() == errc::invalid_argument);
            BOOST_TEST(!has(thrown.what(), "hunter2"));
        }
    };
    for (auto const* const url :
         {"", "api.cloudflare.com", "http://127.0.0.1/client/v4", "https://", "https:///path",
          "https://u:hunter2@host/", "https://host:0/", "https://host:99999/", "https://host/?a=b",
          "https://host/#f", "https://ho st/", "https://host/\r\nX: y", "https://a%0d%0ab/",
          "https://a%00b/", "ftp://host/", "https://host:8x/path", "https://[::1]:8m:4/v4"}) {
        refused(w.options().base_url(url));
    }
    refused(cloudflare::client_options{}.base_url(w.server.base_url()));
    refused(w.options().user_agent("a\r\nb"));
    for (std::string const bad : {"", "a b", "a\r\nb", "a\n", "\xc3\xbc"}) {
        BOOST_CHECK_THROW(cloudflare::credentials::api_token(bad), cloudflare::exception);
        BOOST_CHECK_THROW(cloudflare::credentials::global_key(bad, "k"), cloudflare::exception);
        BOOST_CHECK_THROW(cloudflare::credentials::global_key("e", bad), cloudflare::exception);
    }
}

BOOST_AUTO_TEST_SUITE_END()
