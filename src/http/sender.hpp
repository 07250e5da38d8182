#pragma once

#include "memory/task.hpp"

#include <cloudflare/transport.hpp>

#include <chrono>
#include <memory>
#include <stop_token>

namespace cloudflare::inline v0 {

/// What the retry stage sends through: the pool, or a transport of the user's. As `transport`, of
/// which it is the inner form, without Asio's coroutines.
class sender {
public:
    virtual ~sender() = default;
    virtual task<result<void>> send(request const& message, attempt_facts& facts,
                                    response& answer) = 0;
    virtual boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) = 0;
};

/// Sends through a transport of the user's. One that does not return is left behind at the deadline
/// of its attempt, or soon after it was cancelled or the stop was requested.
std::shared_ptr<sender> make_sender(std::shared_ptr<transport> users, std::stop_token stop);

}  // namespace cloudflare::inline v0
