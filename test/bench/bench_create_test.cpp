#include "support/program.hpp"
#include "support/scripted_server.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/json.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace data = boost::unit_test::data;
namespace json = boost::json;
namespace simulator = cloudflare::simulator;

namespace {

constexpr auto account = "0123456789abcdef0123456789abcdef";
constexpr std::size_t requests = 300;

/// Creates with four connections.
std::vector<std::string> command(std::string const& base_url, std::string const& ca_file,
                                 std::vector<std::string> const& more) {
    std::vector<std::string> made{BENCH_CREATE, "--base-url", base_url,
                                  "--ca-file",  ca_file,      "--connections",
                                  "4",          "--requests", std::to_string(requests)};
    made.insert(made.end(), more.begin(), more.end());
    return made;
}

struct fixture {
    simulator::server server{simulator::options{}.request_quota(std::nullopt)};
    test::scratch files;
};

/// One line of JSON, with all the figures.
void check(std::string const& text) {
    BOOST_TEST(text.find('\n') == text.size() - 1);
    auto const printed = json::parse(text).as_object();
    for (auto const* const name :
         {"cpu_us_per_request", "requests_per_second", "p50_us", "p99_us", "peak_rss_kb"}) {
        BOOST_REQUIRE_MESSAGE(printed.contains(name), name);
        BOOST_TEST(printed.at(name).to_number<double>() > 0, name);
    }
    BOOST_TEST(printed.at("requests").to_number<std::size_t>() == requests);
}

std::vector<std::vector<std::string>> const options{{}, {"--event-hook"}, {"--threads", "2"}};

}  // namespace

BOOST_DATA_TEST_CASE_F(fixture, creates_and_prints_one_line_of_json, data::xrange(options.size()),
                       which) {
    auto const ca = files.file("ca.pem", server.ca_certificate());
    test::program bench{command(server.base_url(), ca, options[which])};
    auto const text = bench.read_all();
    BOOST_REQUIRE_EQUAL(bench.wait(), 0);

    check(text);
    // The warm-up's are beside them.
    BOOST_TEST(server.patterns(account).size() > requests);
}

/// The server lets as many go at a time as there are connections.
BOOST_AUTO_TEST_CASE(measures_while_others_wait_for_the_quota) {
    namespace scripted = cloudflare::test;
    scripted::scripted_server server;
    server.answers({scripted::success(R"({"id":1})",
                                      "Ratelimit: \"default\";r=4;t=300\r\n"
                                      "Ratelimit-Policy: \"default\";q=1000000000;w=300\r\n")});
    test::scratch const files;
    auto const ca = files.file("ca.pem", scripted::trusted_authority().certificate());
    test::program bench{command(server.base_url(), ca, {"--waiting", "50"})};
    auto const text = bench.read_all();
    BOOST_REQUIRE_MESSAGE(bench.wait() == 0, bench.errors());

    check(text);
    BOOST_TEST(server.request_count() > requests);
    BOOST_TEST(server.most_connections() == 4u);
}

BOOST_FIXTURE_TEST_CASE(says_why_it_cannot_measure, fixture) {
    simulator::server const other;
    auto const ca = files.file("ca.pem", other.ca_certificate());
    test::program bench{command(server.base_url(), ca, {})};
    BOOST_TEST(bench.read_all() == "");
    BOOST_TEST(bench.wait() == 1);
    BOOST_TEST(bench.errors().find("certificate") != std::string::npos, bench.errors());
}
