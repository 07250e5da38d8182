#include "mock_transport.hpp"

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::attempt_facts;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::error;
using cloudflare::event;
using cloudflare::http_method;
using cloudflare::outcome;
using cloudflare::request;
using cloudflare::response;
using cloudflare::result;
using namespace std::chrono_literals;

namespace {

es::new_block_sender const wanted{"evil.example", es::pattern_type::domain};
std::string const there =
    R"({"id":"it","pattern":"evil.example","pattern_type":"DOMAIN","is_regex":false})";
error const lost{errc::connection_lost, "lost"};

bool is_post(request const& message) {
    return message.operation.method == http_method::post;
}

/// Loses the answer of the first POST; lists what it is given.
mock_transport::answer_function losing_first(std::string list, std::string created = there) {
    auto const posts = std::make_shared<int>(0);
    return [=](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (is_post(message)) {
            if (++*posts == 1) co_return lost;
            co_return answered_with(created);
        }
        co_return answered_with(list);
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(looking_up_a_lost_create)

BOOST_AUTO_TEST_CASE(another_policy_of_the_same_pattern_is_a_conflict) {
    mock_world w{losing_first(
        R"([{"id":"old-one","pattern":"partner.example","pattern_type":"DOMAIN","is_regex":false,)"
        R"("is_trusted_sender":false,"is_acceptable_sender":true,"is_exempt_recipient":false,)"
        R"("verify_sender":false,"comments":"somebody else's"}])")};
    es::allow_policies const policies{w.connect(), account};
    auto const made = w.run(policies.create(
        es::new_allow_policy{"partner.example", es::pattern_type::domain}.is_trusted_sender(true)));
    REQUIRE_ERROR(made, errc::conflict);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(made.error().message().find("old-one") != std::string::npos);
    BOOST_TEST(w.sent->methods().find("POST POST") == std::string::npos);
    BOOST_TEST(w.sent->methods().starts_with("POST GET"));
}

BOOST_AUTO_TEST_CASE(what_the_server_normalised_is_found) {
    mock_world w{losing_first('[' + there + ']')};
    auto const made =
        w.run(w.blocked().create(es::new_block_sender{"Evil.Example", es::pattern_type::domain}));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "it");
    BOOST_TEST(w.sent->methods() == "POST GET ");
}

BOOST_AUTO_TEST_CASE(it_waits_while_the_write_may_be_under_way) {
    for (auto const how : {errc::timed_out, errc::connection_lost}) {
        auto const applied = std::make_shared<int>(0);
        mock_world w{
            [=](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
                if (is_post(message)) {
                    // The server is at work on it still.
                    auto const later = [applied]() -> asio::awaitable<void> {
                        co_await sleep_for(50ms);
                        ++*applied;
                    };
                    asio::co_spawn(co_await asio::this_coro::executor, later, asio::detached);
                    co_return error{how, "lost"};
                }
                co_return answered_with(*applied > 0 ? '[' + there + ']' : "[]");
            }};
        auto options = quick_options("https://localhost");
        options.retry(cloudflare::retry_options{}.backoff(0ms, 400ms));
        auto const made = w.run(w.blocked(options).create(wanted));
        REQUIRE_VALUE(made);
        BOOST_TEST(*applied == 1);
        BOOST_TEST(w.sent->methods() == "POST GET ");
        auto const& seen = w.sent->requests();
        BOOST_CHECK(seen[1].at - seen[0].at >= 400ms);
    }
}

BOOST_AUTO_TEST_CASE(an_entry_that_moves_to_an_earlier_page_is_found) {
    struct state {
        std::vector<std::string> list;
        int posts = 0;
    };
    auto const api = std::make_shared<state>();
    for (int i = 0; i < 1000; ++i) api->list.push_back("p" + std::to_string(i));
    mock_world w{[=](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        auto& list = api->list;
        if (is_post(message)) {
            list.emplace_back("wanted");
            if (++api->posts == 1) co_return lost;
            co_return answered_with(R"({"id":"x","pattern":"wanted"})");
        }
        std::size_t const page = message.target.find("page=2") != std::string::npos ? 2 : 1;
        std::string items;
        for (auto i = (page - 1) * 1000; i < std::min(list.size(), page * 1000); ++i) {
            if (!items.empty()) items += ',';
            items += R"({"id":"id-)" + list[i] + R"(","pattern":")" + list[i] + R"("})";
        }
        // Somebody deletes the first entry.
        if (page == 1) list.erase(list.begin());
        co_return answered_with('[' + items + ']');
    }};
    es::url_ignore_patterns const patterns{w.connect(), account};
    REQUIRE_VALUE(w.run(patterns.create(es::new_url_ignore_pattern{"wanted"})));
    BOOST_TEST(api->posts == 1);
    BOOST_TEST(std::ranges::count(api->list, "wanted") == 1);
}

BOOST_AUTO_TEST_CASE(a_list_that_never_stands_still_leaves_it_open) {
    auto const at = std::make_shared<int>(0);
    mock_world w{[=](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (is_post(message)) co_return lost;
        std::string items;
        for (int i = 0; i < (message.target.find("page=2") == std::string::npos ? 1000 : 1); ++i) {
            if (!items.empty()) items += ',';
            items += R"({"id":"i)" + std::to_string(++*at) + R"(","pattern":"other"})";
        }
        co_return answered_with('[' + items + ']');
    }};
    es::url_ignore_patterns const patterns{w.connect(), account};
    auto const made = w.run(patterns.create(es::new_url_ignore_pattern{"wanted"}));
    REQUIRE_ERROR(made, errc::connection_lost);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(w.sent->requests().size() < 50u);
}

BOOST_AUTO_TEST_CASE(a_client_that_drains_lets_it_end) {
    std::optional<cloudflare::client> closing;
    mock_world w{[&](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (!is_post(message)) co_return answered_with('[' + there + ']');
        asio::co_spawn(co_await asio::this_coro::executor, closing->close(1h), asio::detached);
        co_await sleep_for(10ms);
        co_return lost;
    }};
    auto const blocked = w.blocked();
    closing = blocked.client();
    REQUIRE_VALUE(w.run(blocked.create(wanted)));
    BOOST_TEST(w.sent->methods() == "POST GET ");
    REQUIRE_ERROR(w.run(blocked.get(1)), errc::closed);
    closing.reset();
}

BOOST_AUTO_TEST_CASE(it_is_part_of_its_call) {
    mock_world w{losing_first("[]")};
    std::vector<std::uint64_t> calls;
    std::string kinds;
    auto options = quick_options("https://localhost");
    options.on_event([&](event const& e) {
        calls.push_back(e.call);
        kinds += std::string{to_string(e.what)} + ' ' + std::string{e.method} + '\n';
        BOOST_TEST(e.tag == "job-7");
        BOOST_TEST(e.account == account);
    });
    auto const blocked = w.blocked(options);
    auto const own = std::make_shared<cloudflare::call_counters>();
    auto const info = std::make_shared<cloudflare::response_info>();
    auto const with =
        call_options{}.header("traceparent", "00-ab").tag("job-7").counters(own).info(info);
    REQUIRE_VALUE(w.run(blocked.create(wanted, with)));
    BOOST_TEST(w.sent->methods() == "POST GET POST ");
    for (auto const& each : w.sent->requests()) {
        BOOST_REQUIRE(each.headers.size() == 1u);
        BOOST_TEST(each.headers[0].first == "traceparent");
        BOOST_TEST(each.headers[0].second == "00-ab");
    }
    BOOST_TEST(std::ranges::count(calls, 1U) == static_cast<std::ptrdiff_t>(calls.size()));
    BOOST_TEST(kinds ==
               "attempt started POST\nattempt ended POST\nretry scheduled POST\n"
               "attempt started GET\nattempt ended GET\n"
               "attempt started POST\nattempt ended POST\ncompleted POST\n");
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.calls == 1u);
    BOOST_TEST(counted.failures == 0u);
    BOOST_TEST(counted.requests == 3u);
    BOOST_TEST(counted.retries == 1u);
    BOOST_TEST(own->requests.load() == 3u);
    BOOST_TEST(own->retries.load() == 1u);
    BOOST_TEST(info->requests == 3);
    BOOST_TEST(info->attempts == 2);
}

BOOST_AUTO_TEST_CASE(its_deadline_is_the_calls) {
    mock_world w{[](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (is_post(message)) co_return lost;
        co_await sleep_for(1h);
        co_return answered_with("[]");
    }};
    auto const made = w.run(w.blocked().create(wanted, call_options{}.timeout(80ms)));
    REQUIRE_ERROR(made, errc::connection_lost);
    BOOST_CHECK(made.error().outcome() == outcome::unknown);
    BOOST_TEST(w.sent->methods() == "POST GET ");
}

BOOST_AUTO_TEST_CASE(done_elsewhere_is_done) {
    mock_world w{[](request const& message, attempt_facts&) -> asio::awaitable<result<response>> {
        if (!is_post(message)) co_return answered_with('[' + there + ']');
        auto elsewhere = refused_with(303);
        elsewhere.should_retry = "true";
        co_return elsewhere;
    }};
    auto const made = w.run(w.blocked().create(wanted));
    REQUIRE_VALUE(made);
    BOOST_TEST(made->id.text() == "it");
    BOOST_TEST(w.sent->methods() == "POST GET ");
    // Of what cannot be looked up it is not known.
    auto const unseen = w.run(w.blocked().create(wanted, call_options{}.settle_unknown(false)));
    BOOST_REQUIRE(!unseen.has_value());
    BOOST_CHECK(unseen.error().outcome() == outcome::unknown);
    BOOST_TEST(w.sent->methods() == "POST GET POST ");
}

BOOST_AUTO_TEST_SUITE_END()
