#pragma once

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <utility>

namespace cloudflare::http {

/// What an operation on a socket came to.
///
/// Awaited as such a value, an operation neither throws nor has a coroutine of its own around it,
/// as with `redirect_error(use_awaitable, …)`. (`as_tuple(deferred)` is the same from Boost 1.82
/// on.)
struct io_result {
    boost::system::error_code ec;
    std::size_t size = 0;
};

/// Makes a handler of an `io_result` one of the operation's own arguments.
template <class Handler>
struct io_result_handler {
    Handler handler;

    void operator()(boost::system::error_code ec, std::size_t size = 0) {
        std::move(handler)(io_result{ec, size});
    }
};

/// To be awaited at once: `into` must outlive it.
inline auto receive(boost::asio::ip::tcp::socket& socket, boost::asio::mutable_buffer into) {
    return boost::asio::async_initiate<boost::asio::deferred_t const, void(io_result)>(
        [&socket, into]<class Handler>(Handler&& handler) {
            socket.async_read_some(
                into, io_result_handler<std::decay_t<Handler>>{std::forward<Handler>(handler)});
        },
        boost::asio::deferred);
}

/// Waits until something can be sent. To be awaited at once.
inline auto wait_until_writable(boost::asio::ip::tcp::socket& socket) {
    return boost::asio::async_initiate<boost::asio::deferred_t const, void(io_result)>(
        [&socket]<class Handler>(Handler&& handler) {
            socket.async_wait(
                boost::asio::socket_base::wait_write,
                io_result_handler<std::decay_t<Handler>>{std::forward<Handler>(handler)});
        },
        boost::asio::deferred);
}

}  // namespace cloudflare::http

/// Executor, cancellation slot and allocator are those of the handler within.
template <template <class, class> class Associator, class Handler, class DefaultCandidate>
struct boost::asio::associator<Associator, cloudflare::http::io_result_handler<Handler>,
                               DefaultCandidate> : Associator<Handler, DefaultCandidate> {
    using wrapped = cloudflare::http::io_result_handler<Handler>;

    static auto get(wrapped const& outer) noexcept {
        return Associator<Handler, DefaultCandidate>::get(outer.handler);
    }
    static auto get(wrapped const& outer, DefaultCandidate const& candidate) noexcept {
        return Associator<Handler, DefaultCandidate>::get(outer.handler, candidate);
    }
};
