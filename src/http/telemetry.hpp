#pragma once

#include <cloudflare/event.hpp>

#include <atomic>
#include <cstdint>

namespace cloudflare::inline v0 {

/// What a client and its transport count and tell, shared by both.
struct telemetry {
    explicit telemetry(event_hook the_hook) : hook{std::move(the_hook)} {}

    /// The hook must not throw; that it did must not break a call.
    void emit(event const& what) const noexcept {
        try {
            if (hook) hook(what);
        } catch (...) {  // NOLINT(bugprone-empty-catch)
        }
    }

    event_hook hook;
    std::atomic<std::uint64_t> calls{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> retries{0};
    std::atomic<std::uint64_t> throttled{0};
    std::atomic<std::uint64_t> rate_limited{0};
    std::atomic<std::uint64_t> connections_opened{0};
    std::atomic<std::uint64_t> connections_resumed{0};
    std::atomic<std::uint64_t> connections_reused{0};
    std::atomic<std::uint64_t> bytes_sent{0};
    std::atomic<std::uint64_t> bytes_received{0};
};

/// Counters are only read for display: no order between them is needed.
inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
    counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace cloudflare::inline v0
