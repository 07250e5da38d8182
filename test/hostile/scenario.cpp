#include "scenario.hpp"

#include <atomic>
#include <chrono>
#include <ostream>
#include <utility>

namespace cloudflare::test {

namespace es = email_security;
using namespace std::chrono_literals;

namespace {

boost::asio::awaitable<bool> close_client(client which) {
    co_await which.close(watchdog);
    co_return true;
}

void check(scenario const& what, result<es::block_sender> const& got, bool is_write) {
    if (what.code == errc{}) {
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.text() == what.id);
        return;
    }
    REQUIRE_ERROR(got, what.code);
    auto const& failure = got.error();
    BOOST_TEST(failure.status() == what.status);
    // A read has nothing that could have been applied.
    auto const became =
        !is_write && what.became == outcome::unknown ? outcome::not_sent : what.became;
    BOOST_TEST(failure.outcome() == became, failure.message());
    BOOST_TEST(failure.attempts() == 1);
    BOOST_TEST(failure.message().find(what.message) != std::string::npos, failure.message());
    BOOST_TEST(failure.message().size() < 500u);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, scenario const& value) {
    return out << value.name;
}

struct soundness::state {
    std::atomic<bool> is_checked{false};
    std::atomic<int> arrived{0};
    gate both;
};

std::shared_ptr<soundness::state> soundness::make_state() {
    return std::make_shared<state>();
}

step soundness::serves() const {
    return serve([shared = state_](seen_request const& asked) {
        if (shared->is_checked) {
            if (++shared->arrived == 2) shared->both.open();
            shared->both.wait();
        }
        auto const id = asked.target.substr(asked.target.rfind('/') + 1);
        return success(R"({"id":")" + id + "\"}");
    });
}

void soundness::check(world& w, es::block_senders const& blocked) const {
    state_->is_checked = true;
    auto const first = w.start(blocked.get(1));
    auto const second = w.start(blocked.get(2));
    for (auto const& [call, id] : {std::pair{first, "1"}, std::pair{second, "2"}}) {
        auto const got = w.finish(call);
        REQUIRE_VALUE(got);
        BOOST_TEST(got->id.text() == id);
    }
    w.run(close_client(blocked.client()));
    w.server.wait_until_idle();
    // No timer and no operation keeps the context running.
    w.context.restart();
    w.context.run();
}

client_options tight_options(world const& w) {
    auto options = w.options();
    options
        .pool(pool_options{}
                  .max_connections(2)
                  .connect_timeout(500ms)
                  .exchange_timeout(500ms)
                  .max_header_size(8 * 1024)
                  .max_body_size(1024 * 1024))
        .retry(retry_options{}.max_retries(0));
    return options;
}

void play(scenario const& what) {
    gate both;
    std::atomic<int> arrived{0};
    world w{what.settings};
    soundness const sound;
    auto steps = what.server;
    if (what.stays) {
        // Each call gets the steps, on a connection of its own, before either goes on.
        steps.insert(steps.begin() + 1, [&](conversation&) {
            if (++arrived == 2) both.open();
            both.wait();
        });
        steps.push_back(sound.serves());
    }
    w.server.on_connection(steps).on_connection(steps).otherwise({sound.serves()});
    auto options = tight_options(w);
    // What must not be waited for shall not depend on how busy the machine is.
    auto const has_timeout = what.code == errc::timed_out;
    auto limits = options.pool();
    if (!has_timeout || what.requests > 0) limits.connect_timeout(watchdog);
    if (!has_timeout || what.requests == 0) limits.exchange_timeout(watchdog);
    options.pool(limits);
    auto const blocked = w.blocked(options);
    auto const read = w.start(blocked.get(1));
    auto const write = w.start(blocked.create({"a@b.test", es::pattern_type::email},
                                              call_options{}.settle_unknown(false)));
    check(what, w.finish(read), false);
    check(what, w.finish(write), true);

    sound.check(w, blocked);
    BOOST_TEST(w.server.connections() == (what.is_kept ? 2u : 4u));
    BOOST_TEST(w.server.request_count() == 2 * what.requests + 2);
    auto const counted = blocked.client().metrics();
    BOOST_TEST(counted.calls == 4u);
    BOOST_TEST(counted.failures == (what.code == errc{} ? 0u : 2u));
    BOOST_TEST(counted.requests == 4u);
}

}  // namespace cloudflare::test
