#include "scenario.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

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
                     .fails(errc::malformed_response, outcome::rejected, status)
                     .says("redirects")
                     .keeps_the_connection());
        }
    }
    BOOST_TEST(elsewhere.connections() == 0u);
    BOOST_TEST(in_the_clear.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
