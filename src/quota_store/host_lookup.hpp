#pragma once

#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace cloudflare::inline v0 {

/// The addresses of a host, as texts; of an address itself that one. A look-up may hang: it is left
/// behind at the deadline.
boost::asio::awaitable<result<std::vector<std::string>>> look_up_host(
    std::string host, std::chrono::steady_clock::time_point deadline);

}  // namespace cloudflare::inline v0
