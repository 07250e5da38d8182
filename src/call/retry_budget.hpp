#pragma once

#include <atomic>

namespace cloudflare::inline v0::call {

/// Keeps an outage from being amplified: retries are paid from a budget that successes fill up, so
/// that a client whose every call fails soon sends each of them once only. The numbers are those of
/// the AWS SDKs' standard mode. Shared by all calls of a client and safe to use from any thread:
/// the whole state is one atomic number.
class retry_budget {
public:
    /// Tokens of a full budget.
    static constexpr int default_capacity = 500;
    /// Price of a retry.
    static constexpr int retry_cost = 5;
    /// Price of a retry after a timeout, dearer because the attempt has held resources for long.
    static constexpr int timeout_cost = 10;

    /// A full budget of `capacity` tokens; a negative number means none.
    explicit retry_budget(int capacity = default_capacity) noexcept;

    retry_budget(retry_budget const&) = delete;
    retry_budget& operator=(retry_budget const&) = delete;

    /// Takes `cost` tokens, or none and returns false when there are fewer.
    [[nodiscard]] bool try_take(int cost) noexcept;

    /// A request succeeded: puts one token back, up to the capacity.
    void refill() noexcept;

    /// Tokens left.
    [[nodiscard]] int available() const noexcept;

private:
    int capacity_;
    std::atomic<int> tokens_;
};

}  // namespace cloudflare::inline v0::call
