#pragma once

#include "http/origin.hpp"

#include <cloudflare/proxy.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>

namespace cloudflare::inline v0::http {

/// Why a proxy opened no tunnel.
struct tunnel_refusal {
    std::string why;
    bool stays = false;  ///< trying again cannot help
};

/// Asks the proxy that `socket` is connected to for a tunnel to `to` (CONNECT; RFC 9110, 9.3.6).
/// Afterwards the socket is as if connected to `to`. The arguments must outlive the call; the time
/// limit is the caller's.
boost::asio::awaitable<std::optional<tunnel_refusal>> open_tunnel(
    boost::asio::ip::tcp::socket& socket, proxy const& by_proxy, origin const& to);

}  // namespace cloudflare::inline v0::http
