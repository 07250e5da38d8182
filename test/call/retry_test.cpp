#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using namespace std::chrono_literals;

namespace {

auto const html = http_answer(503, "<html><head><title>Down</title></head></html>");

es::new_block_sender const pattern{"a@b.test", es::pattern_type::email};

cloudflare::retry_options no_wait(int retries) {
    return cloudflare::retry_options{}.max_retries(retries).backoff(0ms, 0ms);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retrying)

BOOST_AUTO_TEST_CASE(a_read_is_repeated_after_503) {
    world w;
    w.server.answers({html, success(R"({"id":1})")});
    auto const info = std::make_shared<cloudflare::response_info>();
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1, call_options{}.info(info))));
    BOOST_TEST(info->attempts == 2);
    BOOST_TEST(w.server.request_count() == 2u);
    BOOST_TEST(w.server.connections() == 1u);
    BOOST_TEST(blocked.client().metrics().retries == 1u);
}

BOOST_AUTO_TEST_CASE(statuses_that_pass) {
    for (unsigned const status : {408u, 425u, 429u, 500u, 502u, 503u, 504u, 520u, 521u, 522u, 523u,
                                  524u, 525u, 526u, 527u, 530u}) {
        BOOST_TEST_CONTEXT("status " << status) {
            world w;
            w.server.answers({failure(status, 1, "no"), success("{}")});
            REQUIRE_VALUE(w.run(w.blocked().get(1)));
            BOOST_TEST(w.server.request_count() == 2u);
        }
    }
}

BOOST_AUTO_TEST_CASE(statuses_that_stay) {
    world w;
    auto const blocked = w.blocked();
    for (unsigned const status : {400u, 401u, 402u, 403u, 404u, 405u, 409u, 410u, 413u, 422u, 501u,
                                  505u, 301u, 302u, 307u}) {
        BOOST_TEST_CONTEXT("status " << status) {
            auto const before = w.server.request_count();
            w.server.answers({failure(status, 1, "no", "Connection: close\r\n"), success("{}")});
            auto const got = w.run(blocked.get(1));
            BOOST_REQUIRE(!got.has_value());
            BOOST_TEST(got.error().status() == status);
            BOOST_TEST(got.error().attempts() == 1);
            BOOST_TEST(w.server.request_count() == before + 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(code_1000_request_timeout_passes) {
    world w;
    w.server.answers(
        {failure(400, 1000, "Request timeout"), success("{}"), failure(400, 1000, "not that one")});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::request_rejected);
    BOOST_TEST(w.server.request_count() == 3u);
}

BOOST_AUTO_TEST_CASE(a_write_is_repeated_after_429) {
    for (auto const* const wait : {"", "Retry-After: 0\r\n", "Retry-After-Ms: 1\r\n",
                                   "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"}) {
        BOOST_TEST_CONTEXT(wait) {
            world w;
            w.server.answers({failure(429, 971, "slow down", wait), success(R"({"id":5})")});
            auto const blocked = w.blocked();
            auto const made = w.run(blocked.create(pattern));
            REQUIRE_VALUE(made);
            BOOST_TEST(made->id.text() == "5");
            BOOST_TEST(w.server.requests().at(0).method == "POST");
            BOOST_TEST(w.server.requests().at(1).method == "POST");
            BOOST_TEST(w.server.request_count() == 2u);
            BOOST_TEST(blocked.client().metrics().rate_limited == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(retry_after_a_second_is_obeyed) {
    world w;
    w.server.answers({failure(429, 971, "slow down", "Retry-After: 1\r\n"), success("{}")});
    auto const began = std::chrono::steady_clock::now();
    REQUIRE_VALUE(w.run(w.blocked().get(1)));
    BOOST_CHECK(std::chrono::steady_clock::now() - began >= 1s);
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit) {
    for (int const retries : {0, 1, 3}) {
        world w;
        w.server.answers({failure(502, 1, "bad")});
        auto const got = w.run(w.blocked().get(1, call_options{}.max_retries(retries)));
        REQUIRE_ERROR(got, errc::server_error);
        BOOST_TEST(got.error().attempts() == retries + 1);
        BOOST_TEST(w.server.request_count() == static_cast<std::size_t>(retries) + 1);
    }
    world w;
    w.server.answers({failure(502, 1, "bad")});
    BOOST_TEST(w.run(w.blocked().get(1)).error().attempts() == 5);
    REQUIRE_ERROR(w.run(w.blocked().get(1, call_options{}.max_retries(-1))),
                  errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_server_may_say_whether) {
    world w;
    w.server.answers({failure(503, 1, "no", "X-Should-Retry: false\r\n"),
                      failure(422, 1, "no", "X-Should-Retry: true\r\n"), success("{}")});
    auto const blocked = w.blocked();
    auto const first = w.run(blocked.get(1));
    REQUIRE_ERROR(first, errc::server_error);
    BOOST_TEST(first.error().attempts() == 1);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    BOOST_TEST(w.server.request_count() == 3u);
}

BOOST_AUTO_TEST_CASE(an_outage_is_not_amplified) {
    world w;
    w.server.answers({failure(500, 1, "down")});
    auto options = w.options();
    options.retry(no_wait(1000));
    auto const blocked = w.blocked(options);
    auto const got = w.run(blocked.get(1));
    REQUIRE_ERROR(got, errc::retry_budget_exhausted);
    BOOST_TEST(got.error().status() == 500u);
    BOOST_TEST(w.server.request_count() == 101u);  // 500 tokens, 5 a retry
    // From now on, each call is sent once.
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::retry_budget_exhausted);
    BOOST_TEST(w.server.request_count() == 102u);
}

BOOST_AUTO_TEST_CASE(a_wait_beyond_the_deadline_fails_at_once) {
    world w;
    w.server.answers({failure(429, 971, "blocked", "Retry-After: 3600\r\n")});
    auto const got = w.run(w.blocked().get(1, call_options{}.timeout(50s)));
    REQUIRE_ERROR(got, errc::rate_limited);
    BOOST_CHECK(got.error().retry_after() == 3600s);
    BOOST_TEST(got.error().status() == 429u);
    BOOST_TEST(got.error().attempts() == 1);
    BOOST_CHECK(got.error().outcome() == outcome::not_sent ||
                got.error().outcome() == outcome::rejected);
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_wait_for_the_quota_beyond_the_deadline_fails_at_once) {
    world w;
    w.server.answers({success("{}",
                              "Ratelimit: \"default\";r=0;t=600\r\n"
                              "Ratelimit-Policy: \"default\";q=1200;w=600\r\n")});
    auto options = w.options();
    options.rate_limit({});
    auto const blocked = w.blocked(options);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    auto const got = w.run(blocked.get(1, call_options{}.timeout(50s)));
    REQUIRE_ERROR(got, errc::rate_limited);
    BOOST_CHECK(got.error().outcome() == outcome::not_sent);
    BOOST_TEST(got.error().attempts() == 0);
    BOOST_CHECK(got.error().retry_after() > 500s);
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(any_timeout_is_understood) {
    world w;
    w.server.answers({success("{}")});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1, call_options{}.timeout(std::chrono::milliseconds::max()))));
    auto options = w.options();
    options.timeout(std::chrono::milliseconds::max())
        .pool(cloudflare::pool_options{}
                  .exchange_timeout(std::chrono::milliseconds::max())
                  .connect_timeout(std::chrono::milliseconds::max())
                  .idle_timeout(std::chrono::milliseconds::max())
                  .max_lifetime(std::chrono::milliseconds::max()));
    auto const patient = w.blocked(options);
    REQUIRE_VALUE(w.run(patient.get(1)));
    REQUIRE_VALUE(w.run(patient.get(1)));
    BOOST_TEST(w.server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(no_time_means_nothing_sent) {
    world w;
    w.server.answers({success("{}")});
    auto const blocked = w.blocked();
    REQUIRE_VALUE(w.run(blocked.get(1)));  // so that an idle connection is there
    for (auto const timeout : {0ms, -5ms, std::chrono::milliseconds::min()}) {
        auto const got = w.run(blocked.create(pattern, call_options{}.timeout(timeout)));
        REQUIRE_ERROR(got, errc::timed_out);
        BOOST_CHECK(got.error().outcome() == outcome::not_sent);
    }
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_tried_again) {
    std::uint16_t port = 0;
    {
        scripted_server gone;
        port = gone.port();
    }
    boost::asio::io_context context;
    auto options = quick_options("https://127.0.0.1:" + std::to_string(port));
    es::block_senders const blocked{cloudflare::client{context.get_executor(), options}, account};
    auto const got = run(context, blocked.create(pattern));
    REQUIRE_ERROR(got, errc::connect_failed);
    BOOST_CHECK(got.error().outcome() == outcome::not_sent);
    BOOST_TEST(got.error().attempts() == 5);
    BOOST_TEST(got.error().message().find("127.0.0.1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
