#pragma once

#include <cloudflare/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace cloudflare {

struct client_core;

/// One call: attempt after attempt, each with the limiter's grant, until one is answered or
/// `policy::decide` gives up. The only place that retries.
boost::asio::awaitable<result<void>> send_with_retry(std::shared_ptr<client_core> core,
                                                     request message, call_options options,
                                                     reply into);

}  // namespace cloudflare
