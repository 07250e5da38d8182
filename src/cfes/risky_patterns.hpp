#pragma once

#include "session.hpp"

#include <cloudflare/detail/object.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cfes {

/// Asks once before entries get patterns that take in nearly everything, or the account's own
/// domains and people. `verb` is what is done to the entries. The answer is an exit status, where
/// `done` is yes, which is also the answer where there is nothing to ask.
///
/// Of senders' patterns, `GET` of the account's domains and its impersonation registry, unless
/// --yes was given.
boost::asio::awaitable<int> agree_on_patterns(
    session const& with, std::vector<std::shared_ptr<cloudflare::detail::any_object>> items,
    std::string verb);

}  // namespace cfes
