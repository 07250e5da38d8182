#pragma once

#include "session.hpp"

#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cfes {

/// The next page of a search, waited for where it takes longer; empty when there is none.
boost::asio::awaitable<cloudflare::result<std::optional<cloudflare::email_security::message_page>>>
next_page(session const& with, cloudflare::email_security::message_search& pages);

/// All messages that a search finds.
boost::asio::awaitable<cloudflare::result<std::vector<cloudflare::email_security::message>>>
find_messages(session const& with, cloudflare::email_security::message_filter which);

/// A message as a line: when, from whom, what about.
std::string describe(cloudflare::email_security::message const& one);

}  // namespace cfes
