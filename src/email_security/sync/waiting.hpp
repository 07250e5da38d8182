#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace cloudflare::inline v0::email_security {

boost::asio::awaitable<void> wait_for(std::chrono::milliseconds time);

}  // namespace cloudflare::inline v0::email_security
