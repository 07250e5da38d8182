#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;

namespace {

auto const body = std::string{R"({"success":true,"result":{"id":1}})"};
auto const done = http_answer(200, body);

auto const once = call_options{}.max_retries(0);

/// What a call gets from a server that answers with these bytes and then hangs up properly.
cloudflare::result<es::block_sender> get_from(std::string const& bytes) {
    world w;
    w.server.on_connection({expect(), answer(bytes), close()});
    return w.run(w.blocked().get(1, once));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_AUTO_TEST_CASE(chunked) {
    world w;
    auto const head = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
    w.server.on_connection(
        {expect(),
         answer(head + "5\r\n" + body.substr(0, 5) + "\r\n" + "1D;ext=1\r\n" + body.substr(5) +
                "\r\n0\r\n\r\n"),
         expect(),
         answer_bytewise(head + "22\r\n" + body + "\r\n0\r\nX-Trailer: 1\r\nCF-Ray: no\r\n\r\n"),
         expect(), answer(done)});
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) {
        auto const got = w.run(blocked.get(1, once));
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.text() == "1");
    }
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(broken_chunks) {
    auto const head = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
    REQUIRE_ERROR(get_from(head + "xyz\r\n" + body), errc::malformed_response);
    REQUIRE_ERROR(get_from(head + "22\r\n" + body + "!!0\r\n\r\n"), errc::malformed_response);
    REQUIRE_ERROR(get_from(head + "22\r\n" + body + "\r\n"), errc::connection_lost);
    REQUIRE_ERROR(get_from(head + "ffffffffffffffffff\r\n" + body), errc::malformed_response);
}

BOOST_AUTO_TEST_CASE(interim_answers) {
    world w;
    auto const early = std::string{"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\nCF-Ray: old\r\n\r\n"};
    w.server.on_connection({expect(), answer("HTTP/1.1 100 Continue\r\n\r\n" + early + done),
                            expect(), answer(early), answer(done), expect(), answer(done)});
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) {
        auto const info = std::make_shared<cloudflare::response_info>();
        REQUIRE_VALUE(w.run(blocked.get(1, call_options{}.info(info))));
        BOOST_TEST(info->ray_id == "");
        BOOST_TEST(info->status == 200u);
    }
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(without_length_until_the_end) {
    REQUIRE_VALUE(get_from("HTTP/1.1 200 OK\r\n\r\n" + body));
    // Only a proper good-bye ends such a body: anybody can cut a TCP connection.
    world w;
    w.server.on_connection({expect(), answer("HTTP/1.1 200 OK\r\n\r\n" + body), drop()});
    auto const got = w.run(w.blocked().get(1, once));
    REQUIRE_ERROR(got, errc::connection_lost);
}

BOOST_AUTO_TEST_CASE(shorter_than_its_length) {
    REQUIRE_ERROR(get_from("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body),
                  errc::connection_lost);
    REQUIRE_ERROR(get_from("HTTP/1.1 200 OK\r\nContent-Le"), errc::connection_lost);
    REQUIRE_ERROR(get_from(""), errc::connection_lost);
}

BOOST_AUTO_TEST_CASE(no_http) {
    for (auto const* const bytes :
         {"220 smtp.example.com ESMTP\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
          "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
          "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n12345"}) {
        BOOST_TEST_CONTEXT(bytes) {
            auto const got = get_from(bytes);
            REQUIRE_ERROR(got, errc::malformed_response);
            BOOST_TEST(got.error().attempts() == 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(compressed_although_nobody_asked) {
    auto const got = get_from(http_answer(200, "\x1f\x8b...", "Content-Encoding: gzip\r\n"));
    REQUIRE_ERROR(got, errc::malformed_response);
    BOOST_TEST(got.error().detail().find("compressed") != std::string::npos);
    REQUIRE_VALUE(get_from(http_answer(200, body, "Content-Encoding: identity\r\n")));
}

BOOST_AUTO_TEST_CASE(redirects_are_not_followed) {
    scripted_server elsewhere;
    for (unsigned const status : {301u, 302u, 303u, 307u, 308u}) {
        auto const got = get_from(http_answer(
            status, "", "Location: " + elsewhere.base_url() + "/stolen\r\nConnection: close\r\n"));
        REQUIRE_ERROR(got, errc::malformed_response);
        BOOST_TEST(got.error().status() == status);
    }
    BOOST_TEST(elsewhere.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(header_over_the_limit) {
    world w;
    auto const large = std::string(2000, 'x');
    w.server.on_connection({expect(), answer(success("{}", "X-Large: " + large + "\r\n")), hang()})
        .on_connection({expect(), answer("HTTP/1.1 200 OK\r\nX-Endless: " + large), hang()})
        .on_connection({expect(), answer(done)});
    auto options = w.options();
    options.pool(pool_options{}.max_header_size(1024).max_connections(1));
    auto const blocked = w.blocked(options);
    for (int i = 0; i < 2; ++i) {
        auto const got = w.run(blocked.edit(1, es::block_sender_patch{}.is_regex(true)));
        REQUIRE_ERROR(got, errc::response_too_large);
        BOOST_CHECK(got.error().outcome() == outcome::unknown);
        BOOST_TEST(got.error().attempts() == 1);
    }
    REQUIRE_VALUE(w.run(blocked.get(1)));
}

BOOST_AUTO_TEST_CASE(body_over_the_limit) {
    world w;
    auto const large = std::string(2000, ' ') + body;
    w.server.on_connection({expect(), answer(http_answer(200, large)), hang()})
        .on_connection(
            {expect(),
             answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7F2\r\n" + large),
             hang()})
        .on_connection({expect(), answer("HTTP/1.1 200 OK\r\n\r\n" + large), hang()})
        .on_connection({expect(),
                        answer("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"),
                        hang()})
        .on_connection({expect(), answer(done)});
    auto options = w.options();
    options.pool(pool_options{}.max_body_size(1024).max_connections(1));
    auto const blocked = w.blocked(options);
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST_CONTEXT("answer " << i) {
            REQUIRE_ERROR(w.run(blocked.get(1)), errc::response_too_large);
        }
    }
    REQUIRE_VALUE(w.run(blocked.get(1)));
}

BOOST_AUTO_TEST_CASE(a_refusal_of_a_large_body_is_read) {
    // The server answers before it has read everything, and closes.
    world w;
    gate answered;
    w.server.on_connection({[](conversation& with) {
                                with.send(failure(413, 1, "too large", "Connection: close\r\n"));
                            },
                            hang()});
    es::block_senders::batch_request large;
    for (int i = 0; i < 1000; ++i) {
        large.create(
            es::new_block_sender{std::string(1000, 'p'), es::pattern_type::domain}.comments(
                std::string(1000, 'c')));
    }
    auto const got = w.run(w.blocked().batch(large));
    REQUIRE_ERROR(got, errc::request_rejected);
    BOOST_TEST(got.error().status() == 413u);
}

BOOST_AUTO_TEST_SUITE_END()
