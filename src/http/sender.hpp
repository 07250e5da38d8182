#pragma once

#include "memory/task.hpp"

#include <cloudflare/transport.hpp>

#include <chrono>
#include <memory>

namespace cloudflare {

/// What the retry stage sends through: the pool, or a transport of the user's. As `transport`, of
/// which it is the inner form, without Asio's coroutines.
class sender {
public:
    virtual ~sender() = default;
    virtual task<result<void>> send(request const& message, attempt_facts& facts,
                                    response& answer) = 0;
    virtual boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) = 0;
};

std::shared_ptr<sender> make_sender(std::shared_ptr<transport> users);

}  // namespace cloudflare
