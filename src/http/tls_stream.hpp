#pragma once

#include "memory/task.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::http {

/// Between OpenSSL and the socket: what was received and is not yet decrypted, what was encrypted
/// and is not yet sent.
class ciphertext {
public:
    /// An OpenSSL BIO that reads and writes here; the caller's. Null when there is no memory.
    BIO* make_bio();

    /// Where to receive. What was received before must all have been read.
    boost::asio::mutable_buffer room() noexcept;
    void received(std::size_t size) noexcept { end_ = size; }
    /// The other side sends no more.
    void ended() noexcept { ended_ = true; }
    bool has_ended() const noexcept { return ended_; }
    bool has_unread() const noexcept { return begin_ < end_; }

    std::string_view unsent() const noexcept { return std::string_view{outgoing_}.substr(sent_); }
    void sent(std::size_t size) noexcept;

private:
    struct callbacks;

    // One TLS record of the largest size, with header, padding and tag.
    static constexpr std::size_t receive_size = SSL3_RT_MAX_PLAIN_LENGTH + 512;

    std::unique_ptr<char[]> incoming_ = std::make_unique<char[]>(receive_size);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
    std::string outgoing_;
    std::size_t sent_ = 0;
};

/// The client's side of TLS over a TCP socket, for one coroutine at a time.
///
/// Stands in for `asio::ssl::stream`: what an exchange needs of it is one call of `send` and one
/// asynchronous read, without the composed operations around them.
class tls_stream {
public:
    /// Takes over a socket that is connected.
    tls_stream(boost::asio::ip::tcp::socket socket, SSL_CTX* context);
    tls_stream(tls_stream const&) = delete;
    tls_stream& operator=(tls_stream const&) = delete;

    boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
    SSL* native_handle() noexcept { return ssl_.get(); }

    boost::asio::awaitable<boost::system::error_code> handshake();

    /// Sends as much of the text as the socket takes now; `would_block` when that is not all, and
    /// `write_rest` then goes on. The size is that of the TLS records that are wholly sent.
    io_result write_now(std::string_view text);
    /// Sends what is left of the text after `begun`.
    task<io_result> write_rest(std::string_view text, io_result begun);

    /// What the server has said in TLS before this is forgotten; from here it may say little
    /// beside the answer.
    void begin_answer() noexcept { messages_ = 0; }

    /// Reads from the socket. What came is to be given to `take_in`.
    auto receive() {
        return operation_of<io_result>(
            [this](auto handler) { socket_.async_read_some(wire_.room(), std::move(handler)); });
    }
    void take_in(io_result const& received);

    /// Decrypts some of what was received: nothing, without an error, when more must be received
    /// for that. The end is `eof` when the server announced it, else `stream_truncated`.
    io_result decrypt(boost::asio::mutable_buffer into);

    /// Whether something is left of what was received, or only begun: the connection is not where
    /// it would be after nothing but the answer.
    bool has_unread();
    /// Whether the server has ended the connection, or sent data that nobody asked for. Takes in
    /// what else it may say in TLS at any time.
    bool is_dead();

private:
    struct free_ssl {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    /// Sends the records that are ready; `would_block` if the socket does not take them all.
    boost::system::error_code flush();
    boost::system::error_code error_of(int returned);
    bool is_renegotiating() const noexcept;
    static void on_message(int is_sent, int version, int type, void const* text, std::size_t size,
                           SSL* connection, void* self);

    boost::asio::ip::tcp::socket socket_;
    ciphertext wire_;
    std::unique_ptr<SSL, free_ssl> ssl_;
    std::size_t record_ = 0;  // how much text is in the record that is being sent
    int messages_ = 0;        // of TLS itself, that came beside an answer
};

}  // namespace cloudflare::inline v0::http
