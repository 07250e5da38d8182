#include "client.hpp"

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace sim = cloudflare::simulator;
using test::answer;
using test::block_sender;
using test::client;
using test::path_of;

namespace {

using header_map = std::map<std::string, std::string>;

void check_failure(answer const& got, unsigned status, int code) {
    BOOST_TEST(got.status == status);
    BOOST_TEST(got.json("/success") == false);
    BOOST_TEST(got.json("/result").is_null());
    BOOST_TEST(got.json("/messages") == boost::json::array());
    BOOST_TEST(got.json("/errors/0/code") == code);
    BOOST_TEST(!got.json("/errors/0/message").as_string().empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(who_may_ask_what)

BOOST_AUTO_TEST_CASE(credentials) {
    struct {
        header_map headers;
        unsigned status;
        int code;
    } const cases[] = {
        {{{"Authorization", "Bearer abc.DEF-123_~+/="}}, 200, 0},
        {{{"Authorization", "bearer abc"}}, 200, 0},
        {{{"X-Auth-Email", "user@example.com"}, {"X-Auth-Key", "0123456789abcdef"}}, 200, 0},
        {{}, 400, 9106},
        {{{"X-Auth-Email", "user@example.com"}}, 400, 9106},
        {{{"X-Auth-Key", "0123456789abcdef"}}, 400, 9106},
        {{{"Authorization", "Bearer "}}, 400, 6003},
        {{{"Authorization", "Bearer a b"}}, 400, 6003},
        {{{"Authorization", "Basic YTpi"}}, 400, 6003},
        {{{"X-Auth-Email", "nobody"}, {"X-Auth-Key", "0123456789abcdef"}}, 400, 6003},
        {{{"X-Auth-Email", "user@example.com"}, {"X-Auth-Key", "a b"}}, 400, 6003},
    };
    sim::server const server;
    client c(server);
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT("case " << &one - cases) {
            c.headers = one.headers;
            answer const got = c.send("GET", path_of("block_senders"));
            if (one.code == 0) {
                BOOST_TEST(got.status == one.status);
            } else {
                check_failure(got, one.status, one.code);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(only_the_token_that_was_set) {
    sim::options opts;
    opts.token("right");
    sim::server const server(opts);
    client c(server);
    c.headers = {{"Authorization", "Bearer right"}};
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
    c.headers = {{"Authorization", "Bearer wrong"}};
    check_failure(c.send("GET", path_of("block_senders")), 403, 9109);
    c.headers = {{"X-Auth-Email", "user@example.com"}, {"X-Auth-Key", "0123456789abcdef"}};
    check_failure(c.send("GET", path_of("block_senders")), 403, 9103);
}

BOOST_AUTO_TEST_CASE(only_the_account_that_was_set) {
    sim::options opts;
    opts.account_id("mine");
    sim::server const server(opts);
    client c(server);
    BOOST_TEST(c.send("GET", path_of("block_senders", "", "mine")).status == 200U);
    check_failure(c.send("GET", path_of("block_senders", "", "yours")), 403, 9109);
}

BOOST_AUTO_TEST_CASE(accounts_do_not_share_entries) {
    sim::server const server;
    client c(server);
    c.send("POST", path_of("block_senders", "", "one"), block_sender("a.example"));
    BOOST_TEST(server.patterns("one").size() == 1U);
    BOOST_TEST(server.patterns("two").empty());
}

BOOST_AUTO_TEST_CASE(routes) {
    struct {
        std::string method;
        std::string target;
        unsigned status;
        int code;
    } const cases[] = {
        {"GET", path_of("nothing"), 404, 7003},
        {"GET", path_of("block_senders", "/a/b"), 404, 7003},
        {"GET", path_of("block_senders", "/"), 404, 10404},
        {"GET", "/", 404, 7003},
        {"GET", "/client/v4/accounts/acc/email-security", 404, 7003},
        {"GET", "/client/v4/accounts/acc/other/settings/block_senders", 404, 7003},
        {"GET", path_of("block_senders", "", ""), 404, 7003},
        {"GET", path_of("block_senders", "", "a%2Fb"), 404, 7003},
        {"GET", path_of("block_senders", "", "123456789012345678901234567890123"), 404, 7003},
        {"PUT", path_of("block_senders"), 405, 10405},
        {"DELETE", path_of("block_senders"), 405, 10405},
        {"POST", path_of("block_senders", "/f174e90a-fafe-4643-bbbc-4a0ed4fc8415"), 405, 10405},
        {"PUT", path_of("content_policies", "/f174e90a-fafe-4643-bbbc-4a0ed4fc8415"), 405, 10405},
        {"GET", path_of("block_senders", "/batch"), 405, 10405},
    };
    sim::server const server;
    client c(server);
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.method << ' ' << one.target) {
            check_failure(c.send(one.method, one.target), one.status, one.code);
        }
    }
    answer const refused = c.send("PUT", path_of("block_senders"));
    BOOST_TEST(refused.headers.at("allow") == "GET, POST");
}

BOOST_AUTO_TEST_CASE(path_segments_are_decoded) {
    sim::server server;
    server.seed_block_senders("a-b", {"a.example"});
    client c(server);
    BOOST_TEST(c.send("GET", path_of("block%5Fsenders", "", "a%2Db")).json("/result_info/count") ==
               1);
}

BOOST_AUTO_TEST_CASE(content_types) {
    struct {
        std::string type;
        unsigned status;
    } const cases[] = {
        {"application/json", 201},
        {"Application/JSON; charset=utf-8", 201},
        {"application/json ;charset=utf-8", 201},
        {"text/plain", 415},
        {"application/jsonx", 415},
    };
    sim::server const server;
    client c(server);
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.type) {
            answer const got =
                c.send("POST", path_of("block_senders"), block_sender("a.example"), one.type);
            BOOST_TEST(got.status == one.status);
        }
    }
}

BOOST_AUTO_TEST_CASE(bodies_that_are_no_json_object) {
    sim::server const server;
    client c(server);
    for (char const* const body :
         {"", "{", "[]", "null", "\"text\"", "{} {}", "{\"a\":\"\xff\"}"}) {
        BOOST_TEST_CONTEXT(body) {
            check_failure(c.send("POST", path_of("block_senders"), body), 400, 10400);
            check_failure(c.send("POST", path_of("block_senders", "/batch"), body), 400, 10400);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit) {
    sim::server const server{sim::options{}.max_body(1U << 20U)};
    client c(server);
    std::string const much((std::size_t{1} << 20U) + 1, ' ');
    check_failure(c.send("POST", path_of("block_senders"), much), 413, 10413);
    c.reconnect();
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(garbage_instead_of_http) {
    sim::server const server;
    client c(server);
    c.write_raw("what is this?\r\n\r\n");
    BOOST_TEST(c.read_until("</html>").starts_with("HTTP/1.1 400 "));
    client other(server);
    BOOST_TEST(other.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(waits_to_be_told_to_go_on) {
    sim::server const server;
    client c(server);
    std::string const body = block_sender("a.example");
    c.write_raw("POST " + path_of("block_senders") +
                " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\n"
                "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n");
    BOOST_TEST(c.read_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
    c.write_raw(body);
    BOOST_TEST(c.read_until("\r\n\r\n").starts_with("HTTP/1.1 201 "));
}

BOOST_AUTO_TEST_CASE(every_answer_has_its_headers) {
    sim::server const server;
    client c(server);
    std::string last_ray;
    for (std::string const& target : {path_of("block_senders"), path_of("nothing")}) {
        answer const got = c.send("GET", target);
        BOOST_TEST(got.headers.at("content-type") == "application/json");
        BOOST_TEST(got.headers.at("ratelimit-policy") == "\"default\";q=1200;w=300");
        BOOST_TEST(got.headers.at("ratelimit").starts_with("\"default\";r=11"));
        BOOST_TEST(got.headers.at("date").ends_with(" GMT"));
        std::string const ray = got.headers.at("cf-ray");
        BOOST_TEST(!ray.empty());
        BOOST_TEST(ray != last_ray);
        last_ray = ray;
    }
}

BOOST_AUTO_TEST_CASE(head_gets_no_body) {
    sim::server const server;
    client c(server);
    answer const got = c.send("HEAD", path_of("block_senders"));
    BOOST_TEST(got.status == 405U);
    BOOST_TEST(got.body.empty());
    BOOST_TEST(c.send("GET", path_of("block_senders")).status == 200U);
}

BOOST_AUTO_TEST_CASE(a_token_is_verified_and_lists_its_accounts) {
    sim::options opts;
    opts.token("right");
    sim::server const server(opts);
    client c(server);
    constexpr auto verify = "/client/v4/user/tokens/verify";
    constexpr auto accounts = "/client/v4/accounts";
    c.headers = {{"Authorization", "Bearer wrong"}};
    check_failure(c.send("GET", verify), 403, 9109);
    c.headers = {{"Authorization", "Bearer right"}};
    BOOST_TEST(c.send("GET", verify).json("/result/status") == "active");
    check_failure(c.send("POST", verify), 404, 7003);
    BOOST_TEST(c.send("GET", accounts).json("/result") == boost::json::array());
    c.send("GET", path_of("block_senders", "", "mine"));
    answer const listed = c.send("GET", accounts);
    BOOST_TEST(listed.json("/result/0/id") == "mine");
    BOOST_TEST(listed.json("/result_info/total_count") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
