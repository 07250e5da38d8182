#pragma once

#include "quota_store/redis_connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct redisAsyncContext;

namespace cloudflare::inline v0 {

/// An answer that is awaited: the timer is cancelled when it is there.
struct awaited_reply {
    awaited_reply(boost::asio::any_io_executor const& executor,
                  std::chrono::steady_clock::time_point deadline)
        : timer{executor, deadline} {}

    boost::asio::steady_timer timer;
    std::optional<result<redis_reply>> answer;
};

/// One connection, as long as it lives. hiredis speaks the protocol and owns the descriptor; Asio
/// tells it when that is ready, but only while an answer is awaited: an idle connection keeps no
/// context running. Of one strand.
class redis_socket : public std::enable_shared_from_this<redis_socket> {
public:
    explicit redis_socket(boost::asio::any_io_executor strand);
    ~redis_socket();
    redis_socket(redis_socket const&) = delete;
    redis_socket& operator=(redis_socket const&) = delete;

    /// Begins to connect, and queues what has to be sent first.
    /// `address` is the host's; not used for a Unix socket.
    result<void> begin(quota_store_options const& options, std::string const& address);
    std::shared_ptr<awaited_reply> send(std::vector<std::string> const& words,
                                        std::chrono::steady_clock::time_point deadline);
    void close();

    /// Whether a command can be sent: of an idle connection the server may have taken leave.
    bool is_sound() const noexcept;
    /// Whether a byte came from the server.
    bool has_answered() const noexcept { return has_answered_; }
    /// Why the server does not let us in; none: it does, or has not said.
    std::optional<error> const& refusal() const noexcept { return refusal_; }

private:
    struct hooks;

    void attach();
    void log_in(quota_store_options const& options);
    void await_answer() noexcept { ++awaited_; }
    void take_answer();
    void wait_to_read();
    void wait_to_write();

    boost::asio::any_io_executor strand_;
    redisAsyncContext* context_ = nullptr;
    std::optional<boost::asio::posix::stream_descriptor> descriptor_;
    std::size_t awaited_ = 0;  // answers
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool wants_to_write_ = false;
    bool has_answered_ = false;
    std::optional<error> refusal_;
};

}  // namespace cloudflare::inline v0
