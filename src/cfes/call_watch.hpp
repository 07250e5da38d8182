#pragma once

#include "exit_status.hpp"

#include <cloudflare/event.hpp>

#include <memory>

namespace cfes {

/// What the client's calls went through, as its events tell.
class call_watch {
public:
    explicit call_watch(bool verbose);

    /// For the client; keeps what it tells alive.
    cloudflare::event_hook hook() const;
    /// Whether the last request may be sent again without doing anything twice.
    repeated last_write_repeats() const;
    /// Whether the last request only read.
    bool was_read() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace cfes
