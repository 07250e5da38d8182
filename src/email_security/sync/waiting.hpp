#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>

namespace cloudflare::email_security {

/// Whether it is what Asio throws in a cancelled coroutine.
bool is_cancellation(boost::system::system_error const& thrown);

boost::asio::awaitable<void> wait_for(std::chrono::milliseconds time);

}  // namespace cloudflare::email_security
