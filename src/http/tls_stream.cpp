#include "http/tls_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>

#include <new>
#include <utility>

namespace cloudflare::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// One TLS record of the largest size, and its header, tag and padding.
constexpr std::size_t receive_size = SSL3_RT_MAX_PLAIN_LENGTH + 512;

bool would_block(error_code const& ec) {
    return ec == asio::error::would_block || ec == asio::error::try_again;
}

/// `SSL_get_error` looks at this thread's queue of errors, which is empty almost always; looking
/// costs a tenth of clearing.
void clear_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

tls_stream::tls_stream(asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_{std::move(socket)},
      ssl_{SSL_new(context)},
      incoming_{BIO_new(BIO_s_mem())},
      outgoing_{BIO_new(BIO_s_mem())},
      received_{std::make_unique<char[]>(receive_size)} {
    if (!ssl_ || !incoming_ || !outgoing_) {
        BIO_free(incoming_);
        BIO_free(outgoing_);
        throw std::bad_alloc{};
    }
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);
    SSL_set_connect_state(ssl_.get());
    socket_.non_blocking(true);
}

asio::awaitable<error_code> tls_stream::handshake() {
    for (;;) {
        clear_errors();
        auto const done = SSL_do_handshake(ssl_.get());
        auto const failure = done == 1 ? error_code{} : error_of(done);
        // After a failure, too: there may be an alert to send.
        auto sent = flush();
        while (would_block(sent)) {
            error_code ec;
            co_await socket_.async_wait(asio::socket_base::wait_write,
                                        asio::redirect_error(asio::use_awaitable, ec));
            sent = ec ? ec : flush();
        }
        if (failure) co_return failure;
        if (done == 1 || sent) co_return sent;
        io_result got;
        got.size = co_await socket_.async_read_some(
            room(), asio::redirect_error(asio::use_awaitable, got.ec));
        if (got.ec && got.ec != asio::error::eof) co_return got.ec;
        take_in(got);
    }
}

io_result tls_stream::write_now(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        // One record at a time, so that it is known which of them are out.
        if (record_ == 0) {
            clear_errors();
            auto const rest = text.substr(done, SSL3_RT_MAX_PLAIN_LENGTH);
            auto const taken = SSL_write_ex(ssl_.get(), rest.data(), rest.size(), &record_);
            if (taken != 1) return io_result{error_of(taken), done};
        }
        if (auto const ec = flush()) return io_result{ec, done};
        done += std::exchange(record_, 0);
    }
    return io_result{{}, done};
}

task<io_result> tls_stream::write_rest(std::string_view text, io_result begun) {
    while (would_block(begun.ec)) {
        auto wait = operation_of<io_result>([this](auto handler) {
            socket_.async_wait(asio::socket_base::wait_write, std::move(handler));
        });
        auto const waited = co_await wait;
        if (waited.ec) co_return io_result{waited.ec, begun.size};
        auto const more = write_now(text.substr(begun.size));
        begun = io_result{more.ec, begun.size + more.size};
    }
    co_return begun;
}

asio::mutable_buffer tls_stream::room() noexcept {
    return asio::buffer(received_.get(), receive_size);
}

void tls_stream::take_in(io_result const& received) {
    // OpenSSL tells whether the server had announced the end.
    if (received.ec == asio::error::eof) BIO_set_mem_eof_return(incoming_, 0);
    has_input_ = true;
    if (received.size > 0) BIO_write(incoming_, received_.get(), static_cast<int>(received.size));
}

io_result tls_stream::decrypt(asio::mutable_buffer into) {
    io_result got;
    if (!has_input_) return got;
    clear_errors();
    auto const read = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got.size);
    if (read != 1) {
        got.ec = error_of(read);
        has_input_ = got.ec.failed();
    }
    // A change of keys, for instance, wants an answer. What the socket does not take of it now goes
    // with the next request.
    flush();
    return got;
}

bool tls_stream::has_unread() {
    // What came along with the answer's last record is off the socket already.
    has_input_ = BIO_ctrl_pending(incoming_) > 0 || SSL_has_pending(ssl_.get()) == 1;
    if (!has_input_) return false;
    char byte{};
    clear_errors();
    // A session ticket is no data, and is taken in here.
    auto const got = SSL_peek(ssl_.get(), &byte, 1);
    return got > 0 || SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ;
}

error_code tls_stream::flush() {
    char* data = nullptr;
    auto const size = static_cast<std::size_t>(BIO_get_mem_data(outgoing_, &data));
    while (flushed_ < size) {
        error_code ec;
        flushed_ += socket_.send(asio::buffer(data + flushed_, size - flushed_), 0, ec);
        if (ec) return ec;
    }
    if (size > 0) BIO_reset(outgoing_);
    flushed_ = 0;
    return {};
}

error_code tls_stream::error_of(int returned) {
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return {};
        case SSL_ERROR_ZERO_RETURN:
            return asio::error::eof;
        default:
            break;
    }
    auto const reason = ERR_get_error();
    if (reason == 0 || ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        return asio::ssl::error::stream_truncated;
    }
    return {static_cast<int>(reason), asio::error::get_ssl_category()};
}

}  // namespace cloudflare::http
