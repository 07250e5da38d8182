#pragma once

#include "session.hpp"

#include <cloudflare/detail/object.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace cfes {

/// Asks before an entry gets a pattern that takes in nearly everything, or the account's own
/// domains and people. `verb` is what is done to the entry. The answer is an exit status, where
/// `done` is yes, which is also the answer where there is nothing to ask.
///
/// Of senders' patterns, `GET` of the account's domains and its impersonation registry, unless
/// --yes was given.
boost::asio::awaitable<int> agree_on_pattern(session const& with,
                                             std::shared_ptr<cloudflare::detail::any_object> item,
                                             std::string verb);

}  // namespace cfes
