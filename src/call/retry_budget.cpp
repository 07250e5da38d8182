#include "call/retry_budget.hpp"

#include <algorithm>

namespace cloudflare::inline v0::call {

// Relaxed everywhere: the number guards no other memory.

retry_budget::retry_budget(int capacity) noexcept
    : capacity_{std::max(capacity, 0)}, tokens_{capacity_} {}

bool retry_budget::try_take(int cost) noexcept {
    int tokens = tokens_.load(std::memory_order_relaxed);
    do {
        if (tokens < cost) return false;
    } while (!tokens_.compare_exchange_weak(tokens, tokens - cost, std::memory_order_relaxed));
    return true;
}

void retry_budget::refill() noexcept {
    int tokens = tokens_.load(std::memory_order_relaxed);
    do {
        if (tokens >= capacity_) return;
    } while (!tokens_.compare_exchange_weak(tokens, tokens + 1, std::memory_order_relaxed));
}

int retry_budget::available() const noexcept {
    return tokens_.load(std::memory_order_relaxed);
}

}  // namespace cloudflare::inline v0::call
