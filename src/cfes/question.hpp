#pragma once

#include "session.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// How a command asks before it does harm.
namespace cfes {

/// What is about to be done.
struct question {
    /// As `release 12 messages from the quarantine`.
    std::string what;
    /// How many things it is done to; empty: that cannot be known beforehand.
    std::optional<std::size_t> count;
    /// The first five of them, or fewer.
    std::vector<std::string> first;
};

/// How many of the things a question shows.
inline constexpr std::size_t most_asked = 5;

/// Whether somebody is there to answer.
bool can_ask();

/// Nothing may be sent where a question will come up that nobody can answer.
/// @throws usage_error where there is neither a terminal nor --yes.
void require_answer(session const& with, std::string const& what);

/// Asks on a terminal, unless --yes has answered already. False, with a complaint, when the answer
/// is not yes. Fails as `require_answer`; cancelled, it says no.
boost::asio::awaitable<bool> ask(session const& with, question about);

}  // namespace cfes
