#include "scenario.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;

namespace {

auto const page = std::string{
    "<!DOCTYPE html>\n<html><head><title>Origin \x1b[2J is down</title></head>"
    "<body>secret</body></html>"};

/// An error page, as Cloudflare's edge sends them.
std::string html(unsigned status, std::string const& fields = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " Bad\r\nContent-Type: text/html\r\n" + fields +
           "CF-Ray: 8f1-AMS\r\nContent-Length: " + std::to_string(page.size()) + "\r\n\r\n" + page;
}

std::vector<scenario> errors_with_html() {
    std::vector<scenario> all;
    for (unsigned const status : {500u, 501u, 502u, 503u, 504u, 520u, 521u, 522u, 523u, 524u, 525u,
                                  526u, 527u, 530u, 599u}) {
        // The edge had no connection to the origin to send the request over.
        auto const was_refused = status == 521 || status == 523 || status == 525 || status == 526;
        all.push_back(scenario{std::to_string(status) + " with HTML"}
                          .answers_and_stays(html(status))
                          .fails(errc::server_error,
                                 was_refused ? outcome::rejected : outcome::unknown, status)
                          .says("Origin ?[2J is down")
                          .keeps_the_connection());
    }
    return all;
}

std::vector<scenario> refusals_for_the_quota() {
    std::vector<scenario> all;
    for (auto const* const field :
         {"", "Retry-After: 1\r\n", "Retry-After: 3600\r\n", "Retry-After: 0\r\n",
          "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
          "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", "Retry-After: -5\r\n",
          "Retry-After: 1e9\r\n", "Retry-After: 99999999999999999999999\r\n",
          "Retry-After: soon\r\n", "Retry-After:\r\n", "Retry-After-Ms: 250\r\n",
          "Retry-After: 1\r\nRetry-After: 2\r\n"}) {
        all.push_back(scenario{std::string{"429 with "} + field}
                          .answers_and_stays(html(429, field))
                          .fails(errc::rate_limited, outcome::rejected, 429)
                          .says("8f1-AMS")
                          .keeps_the_connection());
    }
    return all;
}

/// Cloudflare's envelope with an error again and again.
std::string many_errors(std::size_t count, std::string const& message) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) all += ',';
        all += R"({"code":1,"message":")" + message + R"(","source":{"pointer":"/posts/0"}})";
    }
    return R"({"success":false,"errors":[)" + all + "]}";
}

std::vector<scenario> const others{
    scenario{"304"}
        .answers_and_stays("HTTP/1.1 304 Not Modified\r\n\r\n")
        .fails(errc::malformed_response, outcome::rejected, 304)
        .keeps_the_connection(),
    scenario{"304 with a length"}
        .answers_and_stays("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n")
        .fails(errc::malformed_response, outcome::rejected, 304)
        .keeps_the_connection(),
    scenario{"status 600"}
        .answers_and_stays(http_answer(600, "{}"))
        .fails(errc::server_error, outcome::unknown, 600)
        .keeps_the_connection(),
    scenario{"status 999"}
        .answers_and_stays(http_answer(999, "{}"))
        .fails(errc::server_error, outcome::unknown, 999)
        .keeps_the_connection(),
    scenario{"408 before it closes"}
        .answers(http_answer(408, "", "Connection: close\r\n"))
        .fails(errc::server_error, outcome::unknown, 408),
    scenario{"4xx with thousands of errors"}
        .answers_and_stays(http_answer(400, many_errors(10'000, "x")))
        .fails(errc::request_rejected, outcome::rejected, 400)
        .says("reports 10000 errors")
        .keeps_the_connection(),
    scenario{"an error page without end"}
        .does({expect(),
               answer_a_gibibyte("HTTP/1.1 502 Bad Gateway\r\n\r\n", std::string(64 * 1024, ' '))})
        .fails(errc::response_too_large, outcome::unknown),
    scenario{"4xx with an endless line"}
        .answers_and_stays(http_answer(418, std::string(100'000, 'x')))
        .fails(errc::request_rejected, outcome::rejected, 418)
        .keeps_the_connection(),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(statuses)

BOOST_DATA_TEST_CASE(html_pages, boost::unit_test::data::make(errors_with_html()), each) {
    play(each);
}

BOOST_DATA_TEST_CASE(quota, boost::unit_test::data::make(refusals_for_the_quota()), each) {
    play(each);
}

BOOST_DATA_TEST_CASE(odd_ones, boost::unit_test::data::make(others), each) {
    play(each);
}

BOOST_AUTO_TEST_CASE(a_message_is_one_short_line) {
    world w;
    w.server.answers({http_answer(400,
                                  many_errors(8, R"(a\r\nb\u0000\u001b[2J\u007f\u009b2Jc)" +
                                                     std::string(100'000, 'x')),
                                  "CF-Ray: \x9b\xc2\x9b" + std::string(50'000, '1') + "\r\n"),
                      http_answer(400, many_errors(1, std::string(998, 'x') + "\xe2\x82\xac"))});
    auto const blocked = w.blocked();
    auto const long_one = w.run(blocked.get(1));
    REQUIRE_ERROR(long_one, errc::request_rejected);
    auto const text = long_one.error().message();
    BOOST_TEST(text.size() < 10'000u);
    BOOST_TEST(text.find("a  b<U+0000><U+001B>[2J<U+007F><U+009B>2Jcxxx") != std::string::npos,
               text);
    BOOST_TEST(text.find("ray ?<U+009B>111") != std::string::npos, text);
    BOOST_TEST(std::none_of(text.begin(), text.end(), [](char c) { return c < ' '; }));
    // What the API said is there as it came.
    BOOST_TEST(long_one.error().errors().at(7).message.starts_with("a\r\nb"));
    // No character is cut in two.
    auto const cut = w.run(blocked.get(1));
    REQUIRE_ERROR(cut, errc::request_rejected);
    BOOST_TEST(cut.error().message().find("xx... (code 1") != std::string::npos,
               cut.error().message());
}

BOOST_AUTO_TEST_CASE(redirects_are_not_followed) {
    scripted_server elsewhere;
    server_settings plain;
    plain.encrypts = false;
    scripted_server in_the_clear{plain};
    for (auto const& location :
         {elsewhere.base_url() + "/stolen", elsewhere.base_url("localhost"),
          "http://127.0.0.1:" + std::to_string(in_the_clear.port()) + "/stolen",
          "//127.0.0.1:" + std::to_string(elsewhere.port()) + "/stolen",
          std::string{"/client/v4/somewhere/else"}}) {
        for (unsigned const status : {300u, 301u, 302u, 303u, 307u, 308u}) {
            play(scenario{std::to_string(status) + " to " + location}
                     .answers_and_stays(http_answer(status, "", "Location: " + location + "\r\n"))
                     // 303 says that it is done; the others that it is to be done elsewhere.
                     .fails(errc::malformed_response,
                            status == 303 ? outcome::unknown : outcome::rejected, status)
                     .says(status == 303 ? "not followed" : "redirects")
                     .keeps_the_connection());
        }
    }
    BOOST_TEST(elsewhere.connections() == 0u);
    BOOST_TEST(in_the_clear.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
