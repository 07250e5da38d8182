#pragma once

#include "task.hpp"

#include <cloudflare/rate_limiter.hpp>

namespace cloudflare {

/// As `limiter.acquire`, in a task. A limiter that `make_rate_limiter` made needs no coroutine of
/// Asio's for that: thousands of calls may be waiting.
task<result<void>> acquire(rate_limiter& limiter, std::chrono::steady_clock::time_point deadline,
                           std::stop_token stop);

}  // namespace cloudflare
