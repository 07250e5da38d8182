#pragma once

#include "http/deadline_queue.hpp"
#include "http/pool_machine.hpp"
#include "http/tls.hpp"
#include "http/tls_stream.hpp"
#include "memory/task.hpp"

#include <cloudflare/client_options.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cloudflare::inline v0::http {

/// One TLS connection to the API, used by one exchange at a time.
class connection final : public pooled_connection {
public:
    /// Takes over a socket that is connected. The handshake is still to be done.
    connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<tls_context> tls,
               std::shared_ptr<origin const> to);
    ~connection() override;
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    tls_stream& tls() noexcept { return stream_; }
    bool has_served() const noexcept { return exchanges_ > 0; }

    /// Whether the server has closed it, or sent something that nobody asked for.
    bool is_dead();

    /// Sends the request in `outgoing` and reads its answer. The arguments must outlive the call.
    task<result<void>> exchange(pool_options const& limits, attempt_facts& facts,
                                deadline_queue& deadlines, time_point deadline, response& answer);

    /// The buffer of the request's text; keeps its capacity from one exchange to the next, and is
    /// wiped at the end, as it holds credentials.
    std::string& outgoing() noexcept { return outgoing_; }

    /// Whether the connection may serve an exchange: the last one, if any, ended as it should.
    bool is_reusable() const noexcept { return reusable_; }

    std::size_t bytes_received() const noexcept { return bytes_received_; }

private:
    std::shared_ptr<tls_context> tls_;
    std::shared_ptr<origin const> to_;
    tls_stream stream_;
    boost::beast::flat_buffer incoming_;
    std::string outgoing_;
    std::size_t exchanges_ = 0;
    std::size_t bytes_received_ = 0;
    bool reusable_ = true;
};

}  // namespace cloudflare::inline v0::http
