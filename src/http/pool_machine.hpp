#pragma once

#include "memory/priority_lines.hpp"

#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace cloudflare::inline v0::http {

/// What the machine knows of a connection. The pool's own connections derive from it.
struct pooled_connection {
    using time_point = std::chrono::steady_clock::time_point;

    virtual ~pooled_connection() = default;

    time_point opened{};
    time_point last_used{};
    std::uint64_t round = 0;    ///< of dials, that it comes from
    bool has_answered = false;  ///< an answer came over it
};

/// Somebody who waits for a connection.
struct pool_waiter : boost::intrusive::list_base_hook<> {
    enum class state : unsigned char { away, queued, served, failed };

    std::chrono::steady_clock::time_point deadline{};
    call_priority priority = call_priority::normal;
    state now = state::away;
    std::unique_ptr<pooled_connection> granted;  ///< when served

    pool_waiter() = default;
    ~pool_waiter() = default;
    pool_waiter(pool_waiter const&) = delete;
    pool_waiter& operator=(pool_waiter const&) = delete;
};

/// How the use of a connection ended, as far as it tells something of the server.
enum class pool_use : unsigned char {
    neutral,     ///< nothing: cancelled, too late, never used
    answered,    ///< with an answer
    unanswered,  ///< the server closed it without a byte of an answer
};

/// Who gets which connection (those of a higher `call_priority` first), when one is dialed, who
/// fails, and which connections are closed: the decisions of the pool. Pure: it reads no clock,
/// owns no socket and takes no lock, so that tests can run hours of it in no time.
///
/// Dials that fail back off together. A first round dials one connection for each waiter, up to the
/// limit. After a failure, dials begin one at a time: the first after 50 ms, each further one after
/// twice as long, up to `longest_pause`; half of each pause is random. A connection that the server
/// closes without ever answering counts as a failed dial. The first answer over a connection that
/// was dialed since the last failure ends the schedule. So a server that closes everything at once
/// sees `max_connections` dials, four in the next 0.4 s at most, and then four a second.
///
/// Waiters fail only when no connection lives and none is being dialed:
/// - all of them, when the dial failed for a reason that stays;
/// - those whose deadline comes before the next dial;
/// - the first `max_connections`, for whom the dial was made: how often they try again is decided
///   by whoever waits;
/// - all of them, when so many dials in a row have failed that the server is taken for unreachable.
///
/// Idle connections beyond their time are closed with whatever else is done, wherever they stand.
class pool_machine {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    using connections = std::vector<std::unique_ptr<pooled_connection>>;
    using waiters = std::vector<pool_waiter*>;

    static constexpr std::chrono::milliseconds first_pause{50};
    static constexpr std::chrono::milliseconds longest_pause{500};
    /// Failures in a row after which the server is taken for unreachable.
    static constexpr int unreachable_after = 8;

    struct limits {
        std::size_t max_connections = 8;
        std::chrono::milliseconds idle_timeout{};
        std::chrono::milliseconds max_lifetime{};
    };

    pool_machine(limits bounds, std::uint32_t seed);

    /// The idle connection used last, which is then in use; null when there is none. What has been
    /// idle for too long is put into `expired`.
    std::unique_ptr<pooled_connection> take_idle(time_point now, connections& expired);

    /// Puts a waiter at the end of its priority's line, or at the front again when what it was
    /// given had died. It may fail at once. Only when none is idle.
    void enqueue(pool_waiter& who, bool at_front, time_point now);
    /// A queued waiter does not want anything any more.
    void leave(pool_waiter& who);

    /// So many dials must begin now, all of this round. Each ends with one of the next three.
    std::size_t begin_dials(time_point now);
    void dial_succeeded(std::unique_ptr<pooled_connection> opened, waiters& woken);
    void dial_failed(std::uint64_t round, bool refused, time_point now, waiters& woken);
    /// Or with this one, when it was ended because nobody waited any more.
    void dial_abandoned(std::uint64_t round) { end_dial(round); }

    /// A connection in use has come free.
    void give_back(std::unique_ptr<pooled_connection> used, pool_use how, waiters& woken);
    /// A connection of this round, which was in use, is gone. How it ended only matters when no
    /// answer had come over it before.
    void drop(std::uint64_t round, pool_use how, time_point now, waiters& woken);

    /// Takes out what has been idle for too long.
    void sweep(time_point now, connections& expired);
    connections take_all_idle();
    /// Fails everybody who waits, and whoever comes.
    void close(waiters& woken);

    /// When a dial is due that the schedule holds back; never: `time_point::max()`.
    time_point next_dial() const;
    /// Somebody waits for whom a connection could be dialed, now or when the schedule lets it.
    bool is_dial_wanted() const;
    /// No idle connection is too old before.
    time_point next_sweep() const noexcept { return next_sweep_; }
    std::uint64_t round() const noexcept { return round_; }
    bool is_closed() const noexcept { return closed_; }
    bool has_waiters() const noexcept { return !lines_.empty(); }
    bool is_failing() const noexcept { return failures_ > 0; }
    bool is_dialing() const noexcept { return dialing_ > 0; }
    std::size_t idle() const noexcept { return idle_.size(); }
    std::size_t in_use() const noexcept { return in_use_; }
    /// None is idle or in use.
    bool has_none() const noexcept { return idle_.empty() && in_use_ == 0; }

private:
    time_point expiry_of(pooled_connection const& idle) const noexcept;
    void serve_or_keep(std::unique_ptr<pooled_connection> ready, waiters& woken);
    void end_dial(std::uint64_t round);
    void note_answer(std::uint64_t round);
    void note_failure(std::uint64_t round, time_point now);
    duration pause();
    void fail_waiters(std::size_t first, waiters& woken);
    void fail_first(waiters& woken);
    void fail(pool_waiter& who, waiters& woken);
    void take_out(pool_waiter& who);

    limits limits_;
    std::minstd_rand random_;
    connections idle_;  // the one used last at the end
    time_point next_sweep_ = time_point::max();
    priority_lines<pool_waiter> lines_;
    std::size_t in_use_ = 0;
    std::size_t dialing_ = 0;
    std::size_t dialing_in_round_ = 0;
    std::uint64_t round_ = 0;  // ends with each failure
    int failures_ = 0;         // in a row
    time_point next_dial_{};   // while they last
    bool closed_ = false;
};

}  // namespace cloudflare::inline v0::http
