#pragma once

#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::test {

using outcome_of_call = result<void>;
using call_under_way = std::shared_ptr<under_way<outcome_of_call>>;

/// How long the interrupted call may take; all other limits are far beyond it.
inline constexpr std::chrono::hours time_of_call{1};
inline constexpr std::chrono::hours long_after{24 * 365};

/// Lets every type of cancellation through, which a coroutine of `co_spawn` does not by itself.
template <class T>
boost::asio::awaitable<outcome_of_call> interruptible(boost::asio::awaitable<result<T>> what) {
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    auto const got = co_await std::move(what);
    if (!got) co_return got.error();
    co_return outcome_of_call{};
}

/// A client of one connection, and a call of it that has been brought to a waiting point.
struct scene : world {
    scene() = default;
    explicit scene(server_settings settings) : world{std::move(settings)} {}
    virtual ~scene() { released.open(); }

    /// No limit of time but the call's, and a count of what the events tell.
    client_options patient(client_options from);
    client_options patient() { return patient(options()); }
    /// Those of the call that is to be interrupted.
    call_options limited() const {
        return call_options{}.timeout(time_of_call).header("X-Role", "interrupted");
    }

    template <class T>
    void begin(boost::asio::awaitable<result<T>> what) {
        call = start(interruptible(std::move(what)));
    }
    /// Runs until the condition holds, and then until nothing more happens.
    template <class Condition>
    void wait_until(Condition is_met) {
        run_until(context, is_met);
        run_ready(context);
        BOOST_REQUIRE_MESSAGE(!call->is_done(), "the call does not wait there");
    }
    void wait_for_requests(std::size_t count) {
        wait_until([this, count] { return api->request_count() == count; });
    }

    /// Requests that the interrupted call has sent, its look-ups included.
    std::size_t requests_of_call() const;

    scripted_server* api = &server;
    std::optional<email_security::block_senders> senders;
    call_under_way call;
    call_under_way ahead;  ///< one that the call waits for, and that must not suffer
    gate released;         ///< lets go what the server holds back
    /// Whether the quota is what the call waits for, so that time has to pass for the next one.
    bool is_paced = false;
    /// What a scene needs before the next call can be served.
    std::function<void()> before_next;
    std::vector<std::shared_ptr<void>> props;

    // What the events said.
    int attempts_started = 0;
    int attempts_ended = 0;
    int calls_completed = 0;
    int retries_scheduled = 0;
    int connections_opened = 0;
    int connections_closed = 0;
};

/// Where a call may wait, and what is to come of it.
struct waiting_point {
    std::string name;
    /// Makes a scene, and brings the call to the point by what the server and the client tell.
    std::function<std::unique_ptr<scene>()> reach;
    outcome when_cancelled = outcome::not_sent;
    /// What a deadline ends it with; empty where no deadline does.
    std::optional<errc> at_deadline = errc::timed_out;
    /// How many requests of the call reach the server.
    std::size_t requests = 0;
};

/// What must hold of the client afterwards: all that waited before is served, so is a new call, no
/// connection and no grant is lost, and nothing is left that keeps the context running.
void check_soundness(scene& s);

}  // namespace cloudflare::test
