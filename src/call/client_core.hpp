#pragma once

#include "call/retry_budget.hpp"
#include "http/sender.hpp"
#include "http/telemetry.hpp"
#include "memory/waiter.hpp"
#include "quota/limiter_handle.hpp"

#include <cloudflare/client.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

namespace cloudflare::inline v0 {

/// What the copies of a client share.
struct client_core {
    /// @throws exception when an option is out of its limits.
    client_core(boost::asio::any_io_executor the_executor, client_options the_options);

    boost::asio::any_io_executor executor;
    client_options options;
    std::shared_ptr<cloudflare::telemetry> telemetry;
    limiter_handle limiter;
    std::shared_ptr<cloudflare::sender> sender;
    call::retry_budget budget{options.retry().budget()};
    std::stop_source cut_off;  // ends every wait of a closed client

    std::atomic<std::uint64_t> calls_begun = 0;
    // A call counts itself and then looks whether the client is closed; who closes it does it the
    // other way round. So either the call sees that, or it is waited for.
    std::atomic<std::size_t> calls_in_flight = 0;
    std::atomic<bool> closed = false;

    std::mutex mutex;
    std::vector<std::weak_ptr<waiter>> drained;  // each waits for the last call in flight
};

/// Counts a call as in flight while it exists.
class call_in_flight {
public:
    explicit call_in_flight(client_core& core);
    ~call_in_flight();
    call_in_flight(call_in_flight const&) = delete;
    call_in_flight& operator=(call_in_flight const&) = delete;

    /// From 1; 0 when the client is closed.
    std::uint64_t number() const noexcept { return number_; }

private:
    void leave();

    client_core& core_;
    std::uint64_t number_ = 0;
};

}  // namespace cloudflare::inline v0
