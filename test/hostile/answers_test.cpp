#include "scenario.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
namespace es = cloudflare::email_security;

namespace {

auto const body = std::string{R"({"success":true,"result":{"id":1}})"};
auto const size = std::to_string(body.size());
auto const ok = std::string{"HTTP/1.1 200 OK\r\n"};
auto const done = http_answer(200, body);
auto const smuggled = success(R"({"id":"smuggled"})");
auto const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
auto const early = std::string{"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\nCF-Ray: old\r\n\r\n"};
auto const large = std::string(1024 * 1024, ' ');
auto const piece = std::string(64 * 1024, ' ');

std::vector<std::string> bytes_of(std::string const& text) {
    std::vector<std::string> all;
    for (char const c : text) all.emplace_back(1, c);
    return all;
}

/// Sound HTTP, if only just.
std::vector<scenario> const good{
    scenario{"plain"}.answers_and_stays(done).keeps_the_connection(),
    scenario{"one record a byte"}
        .does({expect(), answer_bytewise(done)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"one record a byte, all at once"}
        .does({expect(), answer_records(bytes_of(done))})
        .goes_on()
        .keeps_the_connection(),
    scenario{"chunked, with an extension"}
        .answers_and_stays(chunked + "5\r\n" + body.substr(0, 5) + "\r\n1D;ext=1\r\n" +
                           body.substr(5) + "\r\n0\r\n\r\n")
        .keeps_the_connection(),
    scenario{"chunked, with trailers"}
        .answers_and_stays(chunked + "22\r\n" + body + "\r\n0\r\nX-Trailer: 1\r\nCF-Ray: no\r\n" +
                           "Retry-After: 3600\r\n\r\n")
        .keeps_the_connection(),
    scenario{"chunked, with trailers, one record a byte"}
        .does({expect(),
               answer_bytewise(chunked + "22\r\n" + body + "\r\n0\r\nX-Trailer: 1\r\n\r\n")})
        .goes_on()
        .keeps_the_connection(),
    scenario{"100 before the answer"}
        .answers_and_stays("HTTP/1.1 100 Continue\r\n\r\n" + done)
        .keeps_the_connection(),
    scenario{"103 before the answer"}.answers_and_stays(early + done).keeps_the_connection(),
    scenario{"several interim answers, by themselves"}
        .does({expect(), answer("HTTP/1.1 100 Continue\r\n\r\n"), answer(early), answer(early),
               answer(done)})
        .goes_on()
        .keeps_the_connection(),
    scenario{"no length, until it closes"}.answers(ok + "\r\n" + body),
    scenario{"Connection: close"}.answers_and_stays(
        http_answer(200, body, "Connection: close\r\n")),
    scenario{"HTTP/1.0"}.answers_and_stays("HTTP/1.0 200 OK\r\nContent-Length: " + size +
                                           "\r\n\r\n" + body),
    scenario{"HTTP/1.0 that wants to go on"}
        .answers_and_stays("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: " + size +
                           "\r\n\r\n" + body)
        .keeps_the_connection(),
    scenario{"no reason phrase"}
        .answers_and_stays("HTTP/1.1 200 \r\nContent-Length: " + size + "\r\n\r\n" + body)
        .keeps_the_connection(),
    scenario{"a folded field"}
        .answers_and_stays(http_answer(200, body, "X: 1\r\n 2\r\n"))
        .keeps_the_connection(),
    scenario{"a byte after the answer"}.answers_and_stays(done + "x"),
    scenario{"a body longer than its length"}.answers_and_stays(ok + "Content-Length: " + size +
                                                                "\r\n\r\n" + body + body),
    scenario{"a second answer after the first"}.answers_and_stays(done + smuggled),
    scenario{"a second answer in a record of its own"}
        .does({expect(), answer_records({done, smuggled})})
        .goes_on(),
    scenario{"204"}
        .answers_and_stays("HTTP/1.1 204 No Content\r\n\r\n")
        .fails(errc::malformed_response, outcome::unknown, 204)
        .keeps_the_connection(),
    scenario{"204 with a length"}
        .answers_and_stays("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        .fails(errc::malformed_response, outcome::unknown, 204)
        .keeps_the_connection(),
    scenario{"204 with a body"}
        .answers_and_stays("HTTP/1.1 204 No Content\r\nContent-Length: " + size + "\r\n\r\n" +
                           body)
        .fails(errc::malformed_response, outcome::unknown, 204),
    scenario{"Content-Encoding: identity"}
        .answers_and_stays(http_answer(200, body, "Content-Encoding: identity\r\n"))
        .keeps_the_connection(),
};

scenario malformed(std::string const& what, std::string const& bytes) {
    return scenario{what}
        .does({expect(), answer(bytes), hang()})
        .fails(errc::malformed_response, outcome::unknown);
}
scenario too_large(std::string const& what, script steps) {
    return scenario{what}.does(std::move(steps)).fails(errc::response_too_large, outcome::unknown);
}

std::vector<scenario> const bad{
    scenario{"nothing"}.answers("").fails(errc::connection_lost, outcome::unknown),
    scenario{"ends in the header"}
        .answers("HTTP/1.1 200 OK\r\nContent-Le")
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"a body shorter than its length"}
        .answers(ok + "Content-Length: 1000\r\n\r\n" + body)
        .fails(errc::connection_lost, outcome::unknown),
    // Found by fuzzing: Beast aborted, where it asserts.
    scenario{"an empty chunked body, one record a byte"}
        .does({expect(), answer_bytewise(chunked + "0\r\n\r\n")})
        .goes_on()
        .keeps_the_connection()
        .fails(errc::malformed_response, outcome::unknown, 200)
        .says("the body is empty"),
    // Anybody can cut a TCP connection; only the server can say good-bye in TLS.
    scenario{"no length, until it is cut off"}
        .does({expect(), answer(ok + "\r\n" + body), drop()})
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"ends in a chunk"}
        .answers(chunked + "22\r\n" + body.substr(0, 9))
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"ends before the last chunk"}
        .answers(chunked + "22\r\n" + body + "\r\n")
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"ends in the trailers"}
        .answers(chunked + "22\r\n" + body + "\r\n0\r\nX-Trai")
        .fails(errc::connection_lost, outcome::unknown),
    scenario{"ends after an interim answer"}.answers(early).fails(errc::connection_lost,
                                                                  outcome::unknown),

    malformed("another protocol", "220 smtp.example.com ESMTP\r\n\r\n"),
    malformed("a status that is not a number", "HTTP/1.1 abc OK\r\n\r\n"),
    malformed("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"),
    malformed("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"),
    malformed("no space after the status", "HTTP/1.1 200\r\n\r\n"),
    malformed("HTTP/9.9", "HTTP/9.9 200 OK\r\n\r\n"),
    malformed("HTTP/2 preface", std::string("\0\0\x12\x04\0\0\0\0\0\r\n\r\n", 13)),
    malformed("binary", std::string(64, '\0') + "\r\n\r\n"),
    malformed("status 0", "HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"),
    malformed("no colon in a field", ok + "no colon\r\n\r\n"),
    malformed("a NUL in a field", ok + std::string("X: a\0b\r\n", 8) + "\r\n"),
    malformed("a negative length", ok + "Content-Length: -1\r\n\r\n"),
    malformed("two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456"),
    malformed("a list of lengths", ok + "Content-Length: 5, 6\r\n\r\n123456"),
    malformed("a length with a tail", ok + "Content-Length: 5x\r\n\r\n12345"),
    malformed("a length over 64 bits", ok + "Content-Length: 99999999999999999999999\r\n\r\n12345"),
    malformed("a length and chunks",
              ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    malformed("chunks and a length",
              ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    malformed("a folded length", ok + "Content-Length: 1\r\n 0\r\n\r\n1"),
    malformed("a space before the colon", ok + "Content-Length : 5\r\n\r\n12345"),
    malformed("a line that ends without CR", ok + "X: 1\nContent-Length: 5\r\n\r\n12345"),
    malformed("a line that ends without LF", ok + "X: 1\rContent-Length: 5\r\n\r\n12345"),
    malformed("a chunk's size that is not a number", chunked + "xyz\r\n" + body),
    malformed("no line after a chunk", chunked + "22\r\n" + body + "!!0\r\n\r\n"),
    malformed("a chunk's size over 64 bits", chunked + "ffffffffffffffffff\r\n" + body),
    malformed("101, unasked for",
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),

    too_large("a field over the limit",
              {expect(), answer(ok + "X: " + std::string(9000, 'x') + "\r\n\r\n"), hang()}),
    too_large("a field without end", {expect(), answer_a_gibibyte(ok + "X: ", piece)}),
    too_large("fields without end", {expect(), answer_a_gibibyte(ok, "X: 1\r\n")}),
    too_large("a length over the limit",
              {expect(), answer(ok + "Content-Length: 1048577\r\n\r\n"), hang()}),
    too_large("the largest length",
              {expect(), answer(ok + "Content-Length: 18446744073709551615\r\n\r\n"), hang()}),
    too_large("a chunk over the limit", {expect(), answer(chunked + "100001\r\n"), hang()}),
    too_large("the largest chunk",
              {expect(), answer(chunked + "ffffffffffffffff\r\n" + large + "x"), hang()}),
    too_large("a gibibyte with its length",
              {expect(), answer_a_gibibyte(ok + "Content-Length: 1073741824\r\n\r\n", piece)}),
    too_large("a gibibyte in chunks",
              {expect(), answer_a_gibibyte(chunked, "10000\r\n" + piece + "\r\n")}),
    too_large("a gibibyte in chunks of a byte",
              {expect(), answer_a_gibibyte(chunked,
                                           [] {
                                               std::string many;
                                               for (int i = 0; i < 4096; ++i) {
                                                   many += "1\r\nx\r\n";
                                               }
                                               return many;
                                           }())}),
    too_large("a gibibyte until it closes", {expect(), answer_a_gibibyte(ok + "\r\n", piece)}),
    too_large("trailers without end", {expect(), answer_a_gibibyte(chunked + "0\r\n", "X: 1\r\n")}),
    too_large("a chunk extension without end",
              {expect(), answer_a_gibibyte(chunked + "1;x=", piece)}),

    scenario{"compressed, unasked for"}
        .answers(http_answer(200, "\x1f\x8b...", "Content-Encoding: gzip\r\n"))
        .fails(errc::malformed_response, outcome::unknown, 200)
        .says("compressed"),
    scenario{"an error, compressed"}
        .answers(http_answer(500, "\x1f\x8b...", "Content-Encoding: br\r\n"))
        .fails(errc::malformed_response, outcome::unknown, 500)
        .says("compressed"),
    scenario{"compressed in transfer"}
        .answers(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\n\x1f\x8b..\r\n0\r\n\r\n")
        .fails(errc::malformed_response, outcome::unknown, 200)
        .says("compressed"),
    scenario{"compressed in transfer, to its end"}
        .answers(ok + "Transfer-Encoding: gzip\r\n\r\n\x1f\x8b..")
        .fails(errc::malformed_response, outcome::unknown, 200)
        .says("compressed"),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_DATA_TEST_CASE(sound_if_only_just, boost::unit_test::data::make(good), each) {
    play(each);
}

BOOST_DATA_TEST_CASE(broken, boost::unit_test::data::make(bad), each) {
    play(each);
}

BOOST_AUTO_TEST_CASE(nothing_of_interim_answers_and_trailers_is_taken_for_the_answers) {
    world w;
    w.server.on_connection(
        {expect(), answer(early + done), expect(),
         answer(chunked + "22\r\n" + body + "\r\n0\r\nCF-Ray: trailer\r\n\r\n")});
    auto const blocked = w.blocked();
    for (int i = 0; i < 2; ++i) {
        auto const info = std::make_shared<cloudflare::response_info>();
        REQUIRE_VALUE(w.run(blocked.get(1, call_options{}.info(info))));
        BOOST_TEST(info->ray_id == "");
        BOOST_TEST(info->status == 200u);
    }
}

BOOST_AUTO_TEST_CASE(what_follows_an_answer_is_nobodys) {
    world w;
    w.server.on_connection({expect(), answer(done + smuggled), hang()})
        .on_connection({expect(), answer_records({done, smuggled}), hang()})
        .on_connection({expect(), answer(done)});
    auto const blocked = w.blocked();
    for (int i = 0; i < 3; ++i) {
        auto const got = w.run(blocked.get(i));
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.text() == "1");
    }
    BOOST_TEST(w.server.connections() == 3u);
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_not_read) {
    world w;
    w.server.otherwise({expect(), answer_a_gibibyte(ok + "\r\n", piece)});
    auto const blocked = w.blocked(tight_options(w));
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::response_too_large);
    BOOST_TEST(blocked.client().metrics().bytes_received <= 1024u * 1024 + 64 * 1024);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_a_large_body_is_read) {
    // The server answers before it has read everything, and closes.
    world w;
    w.server.on_connection({[](conversation& with) {
                                with.send(failure(413, 1, "too large", "Connection: close\r\n"));
                            },
                            hang()});
    es::block_senders::batch_request many;
    for (int i = 0; i < 1000; ++i) {
        many.create(es::new_block_sender{std::string(1000, 'p'), es::pattern_type::domain}.comments(
            std::string(1000, 'c')));
    }
    auto const got = w.run(w.blocked().batch(many));
    REQUIRE_ERROR(got, errc::request_rejected);
    BOOST_TEST(got.error().status() == 413u);
}

BOOST_AUTO_TEST_SUITE_END()
