#include "scene.hpp"

#include "virtual_clock.hpp"

namespace cloudflare::test {

client_options scene::patient(client_options from) {
    using kind = event::kind;
    from.timeout(long_after)
        .pool(pool_options{}
                  .max_connections(1)
                  .connect_timeout(long_after)
                  .exchange_timeout(long_after)
                  .idle_timeout(long_after)
                  .max_lifetime(long_after))
        .on_event([this](event const& happened) {
            attempts_started += happened.what == kind::attempt_started;
            attempts_ended += happened.what == kind::attempt_ended;
            calls_completed += happened.what == kind::completed;
            retries_scheduled += happened.what == kind::retry_scheduled;
            connections_opened += happened.what == kind::connection_opened;
            connections_closed += happened.what == kind::connection_closed;
        });
    return from;
}

std::size_t scene::requests_of_call() const {
    std::size_t count = 0;
    for (auto const& each : api->requests()) {
        auto const is_lookup = each.method == "GET" && each.target.find('?') != std::string::npos;
        count += is_lookup || each.header("X-Role") == "interrupted";
    }
    return count;
}

void check_soundness(scene& s) {
    run_ready(s.context);
    auto const& client = s.senders->client();
    s.released.open();
    if (s.before_next) s.before_next();
    auto const ended = [&](call_under_way const& which) {
        auto const waits_or_is_done = [&] {
            return which->is_done() || (s.is_paced && client.quota().waiting == 1);
        };
        run_until(s.context, waits_or_is_done);
        if (!which->is_done()) pass(s.context, time_of_call);
        return s.finish(which);
    };
    if (s.ahead) REQUIRE_VALUE(ended(s.ahead));
    // Twice, as the second is served by the connection of the first.
    REQUIRE_VALUE(ended(s.start(interruptible(s.senders->get(7)))));
    REQUIRE_VALUE(ended(s.start(interruptible(s.senders->get(8)))));
    BOOST_TEST(client.quota().waiting == 0u);

    finish(s.context, boost::asio::co_spawn(s.context, client.close(), boost::asio::use_future));
    run_ready(s.context);
    BOOST_TEST(s.context.stopped(), "something keeps the context running");

    auto const figures = client.metrics();
    BOOST_TEST(s.attempts_started == s.attempts_ended);
    BOOST_TEST(figures.requests == static_cast<std::uint64_t>(s.attempts_started));
    BOOST_TEST(figures.calls == static_cast<std::uint64_t>(s.calls_completed));
    BOOST_TEST(figures.connections_opened == static_cast<std::uint64_t>(s.connections_opened));
    BOOST_TEST(s.connections_opened == s.connections_closed);
}

}  // namespace cloudflare::test
