#pragma once

#include "service.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace cloudflare::inline v0::simulator {

/// One connection: TLS, then HTTP exchanges until either side ends it.
class session {
public:
    session(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, service& api);

    boost::asio::awaitable<void> run();
    /// Ends it at once, whatever it is doing.
    void close();

private:
    using response = boost::beast::http::response<boost::beast::http::string_body>;

    /// These return whether the connection goes on.
    /// @{
    boost::asio::awaitable<bool> exchange();
    boost::asio::awaitable<bool> deliver(delivery const& what, response& message);
    /// @}
    boost::asio::awaitable<void> refuse_malformed();
    /// Until the client goes away.
    boost::asio::awaitable<void> discard_input();

    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
    boost::asio::steady_timer delay_;
    boost::beast::flat_buffer buffer_;
    service& api_;
};

/// A TLS context that serves with a freshly minted certificate. @param ca_certificate receives the
/// CA's, PEM.
boost::asio::ssl::context make_tls_context(std::string& ca_certificate);

}  // namespace cloudflare::inline v0::simulator
