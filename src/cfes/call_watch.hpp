#pragma once

#include "exit_status.hpp"

#include <cloudflare/event.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>

namespace cfes {

/// What the client's calls went through, as its events tell.
class call_watch {
public:
    /// Tells of each wait of two seconds or more, for what and until when, unless --quiet. All of
    /// the client's calls run on the executor. An attempt takes `longest_attempt` at most.
    call_watch(boost::asio::any_io_executor executor, bool verbose,
               std::chrono::milliseconds longest_attempt);

    /// For the client; keeps what it tells alive.
    cloudflare::event_hook hook() const;
    /// Whether the last request may be sent again without doing anything twice.
    repeated last_write_repeats() const;
    /// Whether the last request only read.
    bool was_read() const;
    /// Whether somebody else tells of the waits for the quota, as a bar does.
    void leave_quota_waits(bool to_others) const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace cfes
