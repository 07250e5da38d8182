#pragma once

#include "http/connection.hpp"
#include "http/deadline_queue.hpp"
#include "http/dialer.hpp"
#include "http/origin.hpp"
#include "http/sender.hpp"
#include "http/telemetry.hpp"
#include "memory/waiter.hpp"

#include <cloudflare/client_options.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::http {

/// What every client sends through: a pool of TLS connections to one origin.
///
/// A request takes the idle connection used last, or waits, first come, first served, for the next
/// that is released or opened; one is dialed for each waiter while the limit allows. A connection
/// goes back only after a whole exchange; in every other case it is closed.
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
    /// Holds a connection while it is used, and gives it back at the end.
    class lease;
    /// Stands in the queue while it exists.
    class pool_waiter;

    task<result<std::unique_ptr<connection>>> wait_for_connection(attempt_facts& facts);
    std::unique_ptr<connection> take_idle(time_point now);
    bool is_stale(connection& idle, time_point now) const;
    static bool has_died(connection& unused, time_point now);
    void give_back(std::unique_ptr<connection> used);
    void on_dialed(dialed result);
    void close_idle(std::string_view reason);
    void write_request(request const& message, std::string& out) const;
    void emit_reused(attempt_facts const& by) const;
    void discard(std::unique_ptr<connection> unwanted, std::string_view reason) const;
    void discard(std::vector<std::unique_ptr<connection>> unwanted, std::string_view reason) const;
    void emit(event::kind what, std::string_view reason, attempt_facts const* by = nullptr) const;

    // The caller holds the mutex.
    std::unique_ptr<connection> pop_idle(time_point now,
                                         std::vector<std::unique_ptr<connection>>& stale);
    bool is_dial_due() const;
    void dial_for_waiters();
    void answer_first_waiter(dialed answer);
    void keep(std::unique_ptr<connection> ready);

    boost::asio::any_io_executor executor_;
    pool_options limits_;
    std::shared_ptr<origin const> to_;
    proxy proxy_;  // empty: connections are direct
    credentials credentials_;
    std::string fixed_fields_;
    std::shared_ptr<tls_context> tls_;
    std::shared_ptr<telemetry> telemetry_;
    std::shared_ptr<deadline_queue> deadlines_;

    std::mutex mutex_;
    std::vector<std::unique_ptr<connection>> idle_;
    std::list<pool_waiter*> queue_;
    std::vector<std::weak_ptr<dialer>> dialers_;  // those under way, to be ended by closing
    std::size_t leased_ = 0;
    std::size_t dialing_ = 0;
    bool closed_ = false;
    std::weak_ptr<waiter> drained_;  // waits for the last lease to end
};

}  // namespace cloudflare::http
