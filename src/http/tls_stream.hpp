#pragma once

#include "task.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace cloudflare::http {

/// The client's side of TLS over a TCP socket, for one coroutine at a time.
///
/// Stands in for `asio::ssl::stream`: what an exchange needs of it is one call of `send` and one
/// asynchronous read, without the composed operations around them.
class tls_stream {
public:
    /// Takes over a socket that is connected.
    tls_stream(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

    boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
    SSL* native_handle() noexcept { return ssl_.get(); }

    boost::asio::awaitable<boost::system::error_code> handshake();

    /// Sends as much of the text as the socket takes now; `would_block` when that is not all, and
    /// `write_rest` then goes on. The size is that of the TLS records that are wholly sent.
    io_result write_now(std::string_view text);
    /// Sends what is left of the text after `begun`.
    task<io_result> write_rest(std::string_view text, io_result begun);

    /// Reads from the socket. What came is to be given to `take_in`.
    auto receive() {
        return operation_of<io_result>(
            [this](auto handler) { socket_.async_read_some(room(), std::move(handler)); });
    }
    void take_in(io_result const& received);

    /// Decrypts some of what was received: nothing, without an error, when more must be received
    /// for that. The end is `eof` when the server announced it, else `stream_truncated`.
    io_result decrypt(boost::asio::mutable_buffer into);

    /// Whether something is left of what was received.
    bool has_unread();

private:
    boost::asio::mutable_buffer room() noexcept;
    struct free_ssl {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    /// Sends the records that are ready; `would_block` if the socket does not take them all.
    boost::system::error_code flush();
    boost::system::error_code error_of(int returned);

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, free_ssl> ssl_;
    BIO* incoming_;  // ciphertext; both belong to the SSL
    BIO* outgoing_;
    std::size_t flushed_ = 0;  // of what is in `outgoing_`
    std::size_t record_ = 0;   // of the text, what is in `outgoing_`
    std::unique_ptr<char[]> received_;
    bool has_input_ = false;  // something was received that may not be decrypted yet
};

}  // namespace cloudflare::http
