#pragma once

#include "http/connection.hpp"
#include "http/deadline_queue.hpp"
#include "http/dialer.hpp"
#include "http/origin.hpp"
#include "http/pool_machine.hpp"
#include "http/sender.hpp"
#include "http/telemetry.hpp"
#include "memory/waiter.hpp"

#include <cloudflare/client_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cloudflare::inline v0::http {

/// What every client sends through: a pool of TLS connections to one origin.
///
/// `pool_machine` decides who gets which connection, when one is dialed and who fails; this carries
/// it out. A connection goes back only after a whole exchange; in every other case it is closed.
///
/// Idle connections that are too old are closed when an exchange begins or ends, and by a timer
/// while one is under way. After the last call no timer is left, as it would keep the context
/// running: what is idle then stays until the next call, or until the client is closed or gone.
class pool final : public sender, public std::enable_shared_from_this<pool> {
public:
    using time_point = connection::time_point;

    pool(boost::asio::any_io_executor executor, client_options const& options, origin to,
         std::shared_ptr<telemetry> telemetry);
    ~pool() override;
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;

    task<result<void>> send(request const& message, attempt_facts& facts,
                            response& answer) override;
    boost::asio::awaitable<void> close(time_point deadline) override;

private:
    using connections = pool_machine::connections;
    /// Why waiters fail.
    struct dial_failure {
        error why;
        bool refused = false;
    };
    /// Dials that are due, and their round.
    struct dials {
        std::size_t count = 0;
        std::uint64_t round = 0;
    };
    class shared_wait;
    class wait_guard;
    /// A call that waits for a connection.
    struct waiting_call;
    using waiting_calls = std::vector<std::shared_ptr<waiting_call>>;
    /// Takes a call out of the queue at the end, and gives back what it was given too late.
    class queue_guard;
    /// Holds a connection while it is used, and gives it back at the end.
    class lease;

    std::unique_ptr<connection> take_idle(time_point now);
    static bool has_died(connection& unused, time_point now);
    task<result<std::unique_ptr<connection>>> wait_for_connection(attempt_facts& facts);
    std::unique_ptr<connection> enqueue(waiting_call& call, bool at_front);
    result<std::unique_ptr<connection>> take_result(waiting_call& call,
                                                    boost::system::error_code ec,
                                                    attempt_facts& facts);
    std::unique_ptr<connection> leave(waiting_call& call);
    static void wake(waiting_calls const& calls);
    void give_back(std::unique_ptr<connection> used, pool_use how);
    void drop(std::unique_ptr<connection> unwanted, pool_use how, std::string_view reason);
    void dial(dials due);
    void dial_soon();
    void look_after_waiters();
    void on_dialed(std::uint64_t round, dialed came_to);
    void set_dial_alarm();
    void cancel_dial_alarm();
    void on_dial_alarm();
    void let_dials_go_soon();
    void let_dials_go();
    void set_sweep_alarm(time_point when);
    void sweep();
    void close_idle(std::string_view reason);
    void write_request(request const& message, std::string& out) const;
    void emit_reused(attempt_facts const& by) const;
    void discard(std::unique_ptr<pooled_connection> unwanted, std::string_view reason) const;
    void discard(connections unwanted, std::string_view reason) const;
    void emit(event::kind what, std::string_view reason, attempt_facts const* by = nullptr) const;

    // The caller holds the mutex.
    waiting_calls take_calls(pool_machine::waiters const& ready) const;
    dial_failure why_failed() const;
    dials begin_dials(time_point now);
    time_point next_sweep_alarm();

    boost::asio::any_io_executor executor_;
    pool_options limits_;
    std::shared_ptr<origin const> to_;
    proxy proxy_;  // empty: connections are direct
    credentials credentials_;
    std::string fixed_fields_;
    std::shared_ptr<tls_context> tls_;
    std::shared_ptr<telemetry> telemetry_;
    std::shared_ptr<deadline_queue> deadlines_;

    // Nothing is done under it but what the machine decides: no system call, no TLS, no event.
    std::mutex mutex_;
    pool_machine machine_;
    dial_failure last_failure_;
    std::vector<std::weak_ptr<dialer>> dialers_;  // those under way
    std::weak_ptr<shared_wait> drained_;          // waits for the last lease to end
    time_point sweep_alarm_for_ = time_point::max();

    // Ends when the schedule lets the next dial begin; pending only while somebody waits for it.
    // The outer one of the two mutexes.
    std::mutex alarm_mutex_;
    boost::asio::steady_timer dial_alarm_;
    time_point dial_alarm_for_ = time_point::max();
    /// Ends when dials have gone on for a moment with nobody waiting for them.
    boost::asio::steady_timer grace_;
};

}  // namespace cloudflare::inline v0::http
