#pragma once

#include "http/connection.hpp"
#include "http/origin.hpp"
#include "http/resolver.hpp"
#include "http/tls.hpp"

#include <cloudflare/proxy.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::http {

/// What came of dialing.
struct dialed {
    std::unique_ptr<connection> opened;  ///< null when it failed
    error failure;
    bool refused = false;    ///< for a reason that stays: trying again cannot help
    bool resumed = false;    ///< the TLS session is an earlier one
    bool abandoned = false;  ///< it was not wanted any more, which says nothing of the server
};

/// Opens one connection, directly or through a proxy: resolves the name of the one or the other,
/// races its addresses (Happy Eyeballs, RFC 8305), asks the proxy for a tunnel, and does the TLS
/// handshake with the API. Runs on a strand of its own and nobody waits for it, so that giving up
/// on a call does not throw away a connection that is nearly there, and a resolver that hangs holds
/// up nobody.
class dialer : public std::enable_shared_from_this<dialer> {
public:
    using handler = std::function<void(dialed)>;

    dialer(boost::asio::any_io_executor executor, std::shared_ptr<origin const> to, proxy by_proxy,
           std::shared_ptr<tls_context> tls, std::chrono::milliseconds timeout, handler done);

    /// Begins; the handler is called once, at the latest when the timeout is over.
    void start();
    /// Ends it now, as the connection is not wanted any more. May be called from any thread.
    void abandon();

private:
    using tcp = boost::asio::ip::tcp;

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<std::optional<std::vector<tcp::endpoint>>> resolve();
    boost::asio::awaitable<std::optional<tcp::socket>> race(std::vector<tcp::endpoint> addresses);
    boost::asio::awaitable<bool> tunnel();
    boost::asio::awaitable<void> handshake();
    void on_timeout();
    void stop();
    void fail(errc code, std::string detail, bool refused = false);
    void fail(std::exception_ptr thrown);
    void finish(dialed result);

    boost::asio::any_io_executor executor_;
    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::shared_ptr<origin const> to_;
    proxy proxy_;
    std::string hop_;  // who is at the other end of the TCP connection, in words
    std::shared_ptr<tls_context> tls_;
    std::chrono::milliseconds timeout_;
    handler done_;
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer progress_;  // ends when one of the racing attempts has
    resolver resolver_;
    std::vector<std::shared_ptr<tcp::socket>> attempts_;
    std::unique_ptr<connection> opening_;
    std::string phase_;  // what takes its time, in words
};

}  // namespace cloudflare::inline v0::http
