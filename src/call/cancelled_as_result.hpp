#pragma once

#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::call {

/// Awaits an operation of several calls so that it ends as one call does when it is cancelled
/// (client.hpp): with `errc::cancelled`, whatever of it was under way, and the next call that its
/// coroutine awaits does not throw either. `when` becomes the error's message.
template <class T>
boost::asio::awaitable<result<T>> cancelled_as_result(boost::asio::awaitable<result<T>> operation,
                                                      std::string_view when = {}) {
    namespace asio = boost::asio;
    std::optional<result<T>> ended;
    try {
        auto got = co_await std::move(operation);
        ended.emplace(std::move(got));
    } catch (boost::system::system_error const& thrown) {
        // Asio throws this where a coroutine that was cancelled awaits something new.
        if (thrown.code() != asio::error::operation_aborted) throw;
    }
    auto const caller = co_await asio::this_coro::cancellation_state;
    bool const is_cancelled = caller.cancelled() != asio::cancellation_type::none;
    if (is_cancelled) co_await asio::this_coro::throw_if_cancelled(false);
    // Whatever failed at the same moment, one who cancelled must not take it for a timeout.
    if (ended && (*ended || !is_cancelled)) co_return std::move(*ended);
    co_return error{errc::cancelled, std::string{when}};
}

}  // namespace cloudflare::inline v0::call
