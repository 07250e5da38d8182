#pragma once

#include "gate.hpp"
#include "scripted_server.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace cloudflare::test {

inline constexpr char const* token = "T0ken-that-nobody-must-see";
inline constexpr char const* account = "023e105f4ecef8ad9ca31a8372d0c353";
/// The path of an account's block senders, as `expect` wants it.
inline std::string const senders =
    std::string{"/accounts/"} + account + "/email-security/settings/block_senders";

/// Options for tests: trusts only the tests' authority, no quota, backoffs of a millisecond.
inline client_options quick_options(std::string const& base_url) {
    client_options options{credentials::api_token(token)};
    options.base_url(base_url)
        .tls(tls_options{}.system_trust(false).extra_ca(trusted_authority().certificate()))
        .rate_limit(rate_limit_options::unlimited())
        .retry(retry_options{}.backoff(std::chrono::milliseconds{1}, std::chrono::milliseconds{1}));
    return options;
}

/// Runs the context until the future is ready. A context without work means a lost wake-up.
template <class T>
T finish(boost::asio::io_context& context, std::future<T> pending) {
    auto const is_ready = [&pending] {
        return pending.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    };
    if (context.stopped()) context.restart();
    while (!is_ready()) {
        if (context.run_one_for(watchdog) == 0) {
            throw std::runtime_error(context.stopped() ? "the context ran out of work"
                                                       : "nothing happens any more");
        }
    }
    return pending.get();
}

/// Runs all that is ready, and what becomes ready by that.
inline void run_ready(boost::asio::io_context& context) {
    if (context.stopped()) context.restart();
    while (context.poll() > 0) {
    }
}

/// Runs a coroutine to its end.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> what) {
    return finish(context,
                  boost::asio::co_spawn(context, std::move(what), boost::asio::use_future));
}

/// Runs the context until something outside of it has happened, e.g. at the server.
template <class Condition>
void run_until(boost::asio::io_context& context, Condition is_met) {
    auto const limit = std::chrono::steady_clock::now() + watchdog;
    while (!is_met()) {
        if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("it never happened");
        if (context.stopped()) context.restart();
        context.run_one_for(std::chrono::milliseconds{1});
    }
}

/// A coroutine under way, which the test can cancel.
template <class T>
struct under_way : std::enable_shared_from_this<under_way<T>> {
    explicit under_way(boost::asio::io_context& where) : context{where} {}

    boost::asio::io_context& context;
    boost::asio::cancellation_signal signal;
    std::promise<T> ended;
    std::future<T> result = ended.get_future();

    /// Where Asio wants it: on the executor of the coroutine.
    void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal) {
        boost::asio::post(context,
                          [self = this->shared_from_this(), type] { self->signal.emit(type); });
    }
    bool is_done() const {
        return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }
};

template <class T>
std::shared_ptr<under_way<T>> start(boost::asio::io_context& context,
                                    boost::asio::awaitable<T> what) {
    auto state = std::make_shared<under_way<T>>(context);
    auto done = [state](std::exception_ptr thrown, T value) {
        if (thrown) {
            state->ended.set_exception(thrown);
        } else {
            state->ended.set_value(std::move(value));
        }
    };
    boost::asio::co_spawn(
        context, std::move(what),
        boost::asio::bind_cancellation_slot(state->signal.slot(), std::move(done)));
    return state;
}

/// A server, and a client on a context that the test drives.
struct world {
    world() = default;
    explicit world(server_settings settings) : server{std::move(settings)} {}

    client_options options() const { return quick_options(server.base_url()); }
    client connect() { return connect(options()); }
    client connect(client_options with) { return client{context.get_executor(), std::move(with)}; }
    email_security::block_senders blocked() { return {connect(), account}; }
    email_security::block_senders blocked(client_options with) {
        return {connect(std::move(with)), account};
    }
    template <class T>
    T run(boost::asio::awaitable<T> what) {
        return test::run(context, std::move(what));
    }

    template <class T>
    auto start(boost::asio::awaitable<T> what) {
        return test::start(context, std::move(what));
    }
    template <class T>
    T finish(std::shared_ptr<under_way<T>> const& what) {
        return test::finish(context, std::move(what->result));
    }

    scripted_server server;
    boost::asio::io_context context{1};
};

}  // namespace cloudflare::test

/// The result must be a value; else its error is shown.
#define REQUIRE_VALUE(got)                                                                  \
    do {                                                                                    \
        auto const& checked = (got);                                                        \
        BOOST_REQUIRE_MESSAGE(checked.has_value(), "error: " << checked.error().message()); \
    } while (false)
/// The result must be this error.
#define REQUIRE_ERROR(got, wanted)                                                          \
    do {                                                                                    \
        auto const& checked = (got);                                                        \
        BOOST_REQUIRE_MESSAGE(!checked.has_value(), "a value where an error was expected"); \
        BOOST_CHECK_MESSAGE(checked.error().code() == (wanted),                             \
                            "error: " << checked.error().message());                        \
    } while (false)
