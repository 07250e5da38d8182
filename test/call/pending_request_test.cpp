#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");

/// A call of the test's own.
class own_request final : public cloudflare::detail::pending_request {
public:
    cloudflare::operation what() const override { return operation_; }
    cloudflare::result<cloudflare::request> make_request() override {
        ++made;
        if (throws) throw std::runtime_error("it cannot be made");
        if (fails) return cloudflare::error{errc::invalid_argument, "it cannot be made"};
        cloudflare::request message;
        message.operation = operation_;
        message.target = target;
        return message;
    }
    cloudflare::reply where_to() override { return {}; }

    std::string target = "/somewhere";
    bool fails = false;
    bool throws = false;
    int made = 0;

private:
    cloudflare::operation operation_{cloudflare::http_method::get, "/somewhere"};
};

asio::awaitable<cloudflare::result<void>> send(cloudflare::client with, own_request& what) {
    cloudflare::call_options const options;
    co_return co_await cloudflare::detail::run(with.send_in_place(what, options));
}

/// A quota of so many requests, of which the server tells nothing.
struct limited : world {
    explicit limited(std::uint64_t quota) {
        server.answers({done});
        auto with = options();
        with.rate_limit(cloudflare::rate_limit_options{}.quota(quota, 300s).reserve(0));
        senders.emplace(connect(with), account);
    }

    std::uint64_t waiting() const { return senders->client().quota().waiting; }

    std::optional<es::block_senders> senders;
};

/// Grants everything, and counts the grants that have not ended.
class counting_limiter final : public cloudflare::rate_limiter {
public:
    bool try_acquire(cloudflare::grant_request const&) override {
        ++granted;
        return true;
    }
    asio::awaitable<cloudflare::result<void>> acquire(cloudflare::grant_request,
                                                      std::chrono::steady_clock::time_point,
                                                      std::stop_token) override {
        ++granted;
        co_return cloudflare::result<void>{};
    }
    void observe(cloudflare::rate_limit_report const& report) override {
        ++ended;
        if (!report.sent) ++unsent;
    }
    cloudflare::quota_snapshot snapshot() const override { return {}; }

    int granted = 0;
    int ended = 0;
    int unsent = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(transactions)

BOOST_AUTO_TEST_CASE(a_request_is_made_when_the_quota_grants_it) {
    limited w{1};
    own_request first;
    REQUIRE_VALUE(w.run(send(w.senders->client(), first)));
    BOOST_TEST(first.made == 1);

    own_request second;
    auto const call = w.start(send(w.senders->client(), second));
    run_until(w.context, [&] { return w.waiting() == 1; });
    BOOST_TEST(second.made == 0);
    call->cancel();
    REQUIRE_ERROR(w.finish(call), errc::cancelled);
    BOOST_TEST(second.made == 0);
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(it_is_made_once_for_all_attempts) {
    world w;
    w.server.answers({failure(503, 1, "down"), failure(503, 1, "down"), done});
    own_request what;
    REQUIRE_VALUE(w.run(send(w.connect(), what)));
    BOOST_TEST(what.made == 1);
    BOOST_TEST(w.server.request_count() == 3u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_made_takes_nothing_of_the_quota) {
    world w;
    auto const limiter = std::make_shared<counting_limiter>();
    auto const through = w.connect(w.options().rate_limiter(limiter));
    own_request unmade;
    unmade.fails = true;
    own_request unfit;
    unfit.target = "/with a blank";
    for (auto* const each : {&unmade, &unfit}) {
        auto const got = w.run(send(through, *each));
        REQUIRE_ERROR(got, errc::invalid_argument);
        BOOST_CHECK(got.error().outcome() == outcome::not_sent);
        BOOST_TEST(got.error().attempts() == 0);
        BOOST_TEST(each->made == 1);
    }
    own_request thrower;
    thrower.throws = true;
    BOOST_CHECK_THROW(w.run(send(through, thrower)), std::runtime_error);
    BOOST_TEST(limiter->granted == 3);
    BOOST_TEST(limiter->ended == 3);
    BOOST_TEST(limiter->unsent == 3);
    BOOST_TEST(w.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_known_to_be_unfit_does_not_wait_for_the_quota) {
    limited w{1};
    auto const& client = w.senders->client();
    REQUIRE_VALUE(w.run(w.senders->get(1)));
    cloudflare::request unfit;
    unfit.operation = {cloudflare::http_method::get, "/somewhere"};
    unfit.target = "/with a blank";
    auto const call = w.start(client.send(unfit, {}, {}));
    run_ready(w.context);
    BOOST_REQUIRE(call->is_done());
    REQUIRE_ERROR(w.finish(call), errc::invalid_argument);
    BOOST_TEST(client.metrics().calls == 2u);
    BOOST_TEST(client.metrics().failures == 1u);

    auto const create = w.start(w.senders->create({"", es::pattern_type::email}));
    run_ready(w.context);
    BOOST_REQUIRE(create->is_done());
    REQUIRE_ERROR(w.finish(create), errc::invalid_argument);
    BOOST_TEST(w.server.request_count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
