#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::event;
using namespace std::chrono_literals;

namespace {

/// Keeps what an event says, as text.
struct recorder {
    std::vector<std::string> kinds;
    std::string all;

    cloudflare::event_hook hook() {
        return [this](event const& e) {
            kinds.emplace_back(to_string(e.what));
            std::ostringstream line;
            line << to_string(e.what) << ' ' << e.call << ' ' << e.method << ' ' << e.operation
                 << ' ' << e.attempt << ' ' << e.status << ' ' << e.ray_id << ' ' << e.reason
                 << '\n';
            all += line.str();
        };
    }
};

using names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(events)

BOOST_AUTO_TEST_CASE(of_a_simple_call) {
    world w;
    recorder seen;
    w.server.answers({success("{}", "CF-Ray: 77-FRA\r\n")});
    auto options = w.options();
    options.on_event(seen.hook());
    auto const blocked = w.blocked(options);
    REQUIRE_VALUE(w.run(blocked.get("some-id")));
    BOOST_TEST(
        seen.kinds == (names{"attempt started", "connection opened", "attempt ended", "completed"}),
        boost::test_tools::per_element());
    BOOST_TEST(seen.all.find("77-FRA") != std::string::npos);
    BOOST_TEST(seen.all.find("{pattern_id}") != std::string::npos);
    BOOST_TEST(seen.all.find("some-id") == std::string::npos);
    seen.kinds.clear();
    REQUIRE_VALUE(w.run(blocked.get("some-id")));
    BOOST_TEST(
        seen.kinds == (names{"attempt started", "connection reused", "attempt ended", "completed"}),
        boost::test_tools::per_element());
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.calls == 2u);
    BOOST_TEST(counted.failures == 0u);
    BOOST_TEST(counted.requests == 2u);
    BOOST_TEST(counted.retries == 0u);
    BOOST_TEST(counted.bytes_sent > 100u);
    BOOST_TEST(counted.bytes_received > 100u);
}

BOOST_AUTO_TEST_CASE(of_a_call_that_is_repeated) {
    world w;
    recorder seen;
    w.server.answers({failure(429, 1, "slow", "Retry-After: 0\r\n"), failure(404, 1, "no")});
    auto options = w.options();
    options.on_event(seen.hook());
    auto const blocked = w.blocked(options);
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::not_found);
    BOOST_TEST(seen.kinds == (names{"attempt started", "connection opened", "attempt ended",
                                    "retry scheduled", "attempt started", "connection reused",
                                    "attempt ended", "completed"}),
               boost::test_tools::per_element());
    BOOST_TEST(seen.all.find("rate_limited") != std::string::npos);
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.calls == 1u);
    BOOST_TEST(counted.failures == 1u);
    BOOST_TEST(counted.requests == 2u);
    BOOST_TEST(counted.retries == 1u);
    BOOST_TEST(counted.rate_limited == 1u);
}

BOOST_AUTO_TEST_CASE(tag_and_account_come_back) {
    world w;
    std::vector<std::string> marks;
    w.server.answers({success("{}"), failure(503, 1, "down"), success("{}")});
    auto options = w.options();
    options.on_event([&](event const& e) {
        marks.push_back(std::string{e.account} + '/' + std::string{e.tag});
    });
    auto const blocked = w.blocked(options);
    auto const info = std::make_shared<cloudflare::response_info>();
    auto const with = call_options{}.tag("job-7").info(info);
    REQUIRE_VALUE(w.run(blocked.get(1, with)));
    BOOST_TEST(info->requests == 1);
    REQUIRE_VALUE(w.run(blocked.get(1, with)));
    BOOST_TEST(info->tag == "job-7");
    BOOST_TEST(info->account == account);
    BOOST_TEST(info->requests == 2);
    BOOST_TEST(info->retries == 1);
    auto const expected = std::string{account} + "/job-7";
    // But for the connection that was opened, which serves whoever waits.
    BOOST_TEST(std::count(marks.begin(), marks.end(), expected) + 1 ==
               static_cast<std::ptrdiff_t>(marks.size()));
    BOOST_TEST(marks.size() >= 10u);
}

BOOST_AUTO_TEST_CASE(counters_are_of_the_calls_that_were_given_them) {
    world w;
    w.server.answers({failure(503, 1, "down"), failure(503, 1, "down"), success("{}")});
    auto const blocked = w.blocked();
    auto const own = std::make_shared<cloudflare::call_counters>();
    auto const info = std::make_shared<cloudflare::response_info>();
    REQUIRE_ERROR(w.run(blocked.get(1, call_options{}.max_retries(1).counters(own).info(info))),
                  errc::server_error);
    BOOST_TEST(own->requests.load() == 2u);
    BOOST_TEST(own->retries.load() == 1u);
    // Also of a call that fails.
    BOOST_TEST(info->requests == 2);
    BOOST_TEST(info->attempts == 2);
    BOOST_TEST(info->status == 503u);
    REQUIRE_VALUE(w.run(blocked.get(1)));
    REQUIRE_VALUE(w.run(blocked.get(1, call_options{}.counters(own))));
    BOOST_TEST(own->requests.load() == 3u);
    BOOST_TEST(blocked.client().metrics().requests == 4u);
}

BOOST_AUTO_TEST_CASE(a_hook_that_throws_breaks_nothing) {
    world w;
    w.server.answers({success("{}")});
    auto options = w.options();
    options.on_event([](event const&) { throw std::runtime_error("no"); });
    REQUIRE_VALUE(w.run(w.blocked(options).get(1)));
}

BOOST_AUTO_TEST_CASE(secrets_are_in_no_text) {
    world w;
    recorder seen;
    w.server.on_connection({expect(), reset()})
        .on_connection({expect(), answer("garbage"), close()})
        .answers({failure(401, 10000, "Authentication error"), failure(503, 1, "down"),
                  http_answer(200, "<html>"), success("[]")});
    for (bool const with_token : {true, false}) {
        auto options = w.options();
        if (!with_token) {
            options.credentials(cloudflare::credentials::global_key("me@x.test", "S3cret-key"));
        }
        options.on_event(seen.hook());
        auto const blocked = w.blocked(options);
        std::ostringstream text;
        text << options.credentials();
        for (int i = 0; i < 8; ++i) {
            auto const got = w.run(blocked.get(1, call_options{}.max_retries(i % 2)));
            if (got) continue;
            text << got.error() << got.error().detail() << got.error().message();
            try {
                got.value();
            } catch (std::exception const& thrown) {
                text << thrown.what();
            }
        }
        BOOST_TEST(!text.str().empty());
        for (auto const* const secret : {token, "S3cret-key", "Bearer"}) {
            BOOST_TEST(text.str().find(secret) == std::string::npos);
            BOOST_TEST(seen.all.find(secret) == std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

// GCC 12 destroys some temporaries in a co_await expression twice. Strings too long for the small
// buffer make that visible under AddressSanitizer.
BOOST_AUTO_TEST_SUITE(temporaries_in_co_await)

BOOST_AUTO_TEST_CASE(of_every_operation) {
    world w;
    w.server.otherwise({serve([](seen_request const& request) {
        auto const is_list =
            request.method == "GET" && request.target.find('?') != std::string::npos;
        auto const id = R"("id":")" + std::string(200, 'i') + '"';
        if (request.target.ends_with("/batch")) {
            return success(R"({"deletes":[{)" + id + R"(}],"patches":[{)" + id +
                           R"(}],"posts":[{)" + id + R"(,"pattern":")" + std::string(200, 'p') +
                           R"("}]})");
        }
        return success(is_list ? "[]" : '{' + id + '}');
    })});
    auto const text = [](char c) { return std::string(200, c); };
    auto const all = [&](cloudflare::client c) -> asio::awaitable<int> {
        int done = 0;
        es::block_senders const blocked{c, account};
        auto const made = co_await blocked.create(
            es::new_block_sender{text('p'), es::pattern_type::domain}.comments(text('c')),
            call_options{}.header("X-Trace", text('h')));
        done += made.has_value();
        done += (co_await blocked.get(text('i'), call_options{}.header("X-Trace", text('h'))))
                    .has_value();
        done += (co_await es::block_senders{c, account}.edit(
                     text('i'), es::block_sender_patch{}.pattern(text('p')).comments(text('c')),
                     call_options{}.header("X-Trace", text('h'))))
                    .has_value();
        if (co_await blocked.remove(text('i'), call_options{}.header("X-Trace", text('h')))) ++done;
        done += (co_await blocked.list_page(
                     es::block_sender_filter{}.pattern(text('p')).search(text('s')),
                     call_options{}.header("X-Trace", text('h'))))
                    .has_value();
        done += (co_await blocked.list_all(
                     es::block_sender_filter{}.pattern(text('p')).search(text('s')),
                     call_options{}.header("X-Trace", text('h'))))
                    .has_value();
        done += (co_await blocked.list_all()).has_value();
        done += (co_await blocked
                     .list(es::block_sender_filter{}.pattern(text('p')),
                           call_options{}.header("X-Trace", text('h')))
                     .next())
                    .has_value();
        done += (co_await blocked.batch(
                     es::block_senders::batch_request{}
                         .remove(text('i'))
                         .edit(text('i'), es::block_sender_patch{}.comments(text('c')))
                         .create(es::new_block_sender{text('p'), es::pattern_type::ip}),
                     call_options{}.header("X-Trace", text('h'))))
                    .has_value();
        co_return done;
    };
    BOOST_TEST(w.run(all(w.connect())) == 9);
}

BOOST_AUTO_TEST_SUITE_END()
