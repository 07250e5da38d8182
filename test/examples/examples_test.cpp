#include "support/program.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
namespace simulator = cloudflare::simulator;
using tcp = asio::ip::tcp;

namespace {

/// A simulator, and the environment that leads a program to it.
struct fixture {
    explicit fixture(simulator::options options = {}) : server{std::move(options)} {
        // OpenSSL's own variable: the examples trust the system's store.
        environment["SSL_CERT_FILE"] = files.file("ca.pem", server.ca_certificate());
        environment["CLOUDFLARE_BASE_URL"] = server.base_url();
        environment["CLOUDFLARE_API_TOKEN"] = "a-token-of-the-examples-test-0123456789";
        environment["CLOUDFLARE_ACCOUNT_ID"] = "0123456789abcdef";
    }

    /// Runs a program to its end and returns what it printed.
    std::string run(std::vector<std::string> command, int& status) const {
        test::program running{std::move(command), environment};
        auto text = running.read_all();
        status = running.wait();
        return text;
    }

    simulator::server server;
    test::scratch files;
    test::program::environment environment;
};

struct tight_quota : fixture {
    tight_quota()
        : fixture{simulator::options{}.request_quota(
              simulator::quota{2, std::chrono::seconds{3600}})} {}
};

/// A plain HTTP client of the service.
class http_client {
public:
    explicit http_client(unsigned short port) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
    }
    void send(http::verb method, std::string const& target, std::string const& body = {}) {
        http::request<http::string_body> message{method, target, 11};
        message.set(http::field::host, "localhost");
        message.body() = body;
        message.prepare_payload();
        http::write(socket_, message);
    }
    http::response<http::string_body> receive() {
        http::response<http::string_body> answer;
        http::read(socket_, buffer_, answer);
        return answer;
    }

private:
    asio::io_context context_;
    tcp::socket socket_{context_};
    boost::beast::flat_buffer buffer_;
};

/// The report service, running.
struct service {
    explicit service(fixture const& with) : program{{REPORT_SERVICE}, with.environment} {
        auto const line = program.read_line();
        BOOST_REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
        port = static_cast<unsigned short>(std::stoi(line.substr(line.rfind(':') + 1)));
    }
    int stop() {
        program.signal(SIGTERM);
        return program.wait();
    }

    test::program program;
    unsigned short port = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(quickstart, fixture) {
    int status = -1;
    auto const text = run({QUICKSTART}, status);
    BOOST_TEST(status == 0);
    BOOST_TEST(text.starts_with("blocked as "));
    BOOST_TEST(text.ends_with("\nphish@evil.example\nremoved\n"));
    BOOST_TEST(server.stats().requests == 3u);
}

BOOST_FIXTURE_TEST_CASE(quickstart_without_credentials, fixture) {
    environment["CLOUDFLARE_API_TOKEN"].clear();
    int status = -1;
    BOOST_TEST(run({QUICKSTART}, status).empty());
    BOOST_TEST(status == 1);
    BOOST_TEST(server.stats().requests == 0u);
}

BOOST_FIXTURE_TEST_CASE(concurrent_updates, fixture) {
    int status = -1;
    auto const text = run({CONCURRENT_UPDATES, "50"}, status);
    BOOST_TEST(status == 0);
    BOOST_TEST(text.find(": not found: ") != std::string::npos);
    BOOST_TEST(text.ends_with("49 of 50 updated\n"));
    // One batch, one removal, fifty updates, one batch.
    BOOST_TEST(server.stats().requests == 53u);
}

BOOST_FIXTURE_TEST_CASE(report_service_blocks_a_sender, fixture) {
    service running{*this};
    http_client caller{running.port};
    caller.send(http::verb::post, "/reports", R"({"sender":"phish@evil.example","reason":"r"})");
    auto const created = caller.receive();
    BOOST_TEST(created.result_int() == 201u);
    BOOST_TEST(json::parse(created.body()).at("id").as_string().size() == 36u);

    for (auto const* const refused : {R"({"sender":""})", R"({"sender":"10.0.0.1"})"}) {
        caller.send(http::verb::post, "/reports", refused);
        BOOST_TEST(caller.receive().result_int() == 400u);
    }
    caller.send(http::verb::post, "/reports", "{");
    BOOST_TEST(caller.receive().result_int() == 400u);
    BOOST_TEST(server.stats().requests == 1u);

    BOOST_TEST(running.stop() == 0);
}

BOOST_FIXTURE_TEST_CASE(report_service_stays_responsive_and_stops, tight_quota) {
    service running{*this};
    http_client first{running.port};
    for (auto const* const sender : {"a@evil.example", "b@evil.example"}) {
        first.send(http::verb::post, "/reports", json::serialize(json::object{{"sender", sender}}));
        BOOST_TEST(first.receive().result_int() == 201u);
    }
    // The quota is used up and its next window is an hour away. The call would wait for it longer
    // than it may, so that is told at once.
    first.send(http::verb::post, "/reports", R"({"sender":"c@evil.example"})");
    auto const refused = first.receive();
    BOOST_TEST(refused.result_int() == 503u);
    BOOST_TEST(refused.count(http::field::retry_after) == 1u);

    http_client second{running.port};
    second.send(http::verb::get, "/health");
    BOOST_TEST(second.receive().result_int() == 200u);
    BOOST_TEST(server.stats().refused_by_quota == 0u);
    BOOST_TEST(running.stop() == 0);
}

BOOST_AUTO_TEST_CASE(report_service_stops_while_a_call_waits_for_the_quota) {
    fixture with{
        simulator::options{}.request_quota(simulator::quota{1, std::chrono::seconds{300}})};
    service running{with};
    http_client waiting{running.port};
    waiting.send(http::verb::post, "/reports", R"({"sender":"a@evil.example"})");
    BOOST_TEST(waiting.receive().result_int() == 201u);
    waiting.send(http::verb::post, "/reports", R"({"sender":"b@evil.example"})");

    // It waits, and the service goes on.
    http_client other{running.port};
    std::int64_t in_queue = 0;
    while (in_queue == 0) {
        other.send(http::verb::get, "/health");
        in_queue = json::parse(other.receive().body()).at("waiting").to_number<std::int64_t>();
    }
    BOOST_TEST(in_queue == 1);

    running.program.signal(SIGTERM);
    auto const answer = waiting.receive();
    BOOST_TEST(answer.result_int() == 503u);
    BOOST_TEST(answer.body().find("client closed") != std::string::npos);
    BOOST_TEST(running.program.wait() == 0);
    BOOST_TEST(with.server.stats().refused_by_quota == 0u);
}
