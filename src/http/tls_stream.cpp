#include "http/tls_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

bool would_block(error_code const& ec) {
    return ec == asio::error::would_block || ec == asio::error::try_again;
}

/// `SSL_get_error` looks at this thread's queue of errors, which is empty almost always; looking
/// costs a third of clearing.
void clear_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

/// A server may ask for a new handshake before TLS 1.3. Nothing that is wanted of this API needs
/// one, and a request that is sent meanwhile would wait for it.
error_code no_renegotiation() {
    return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_NO_RENEGOTIATION)),
            asio::error::get_ssl_category()};
}

/// A server sends two tickets, and changes its keys after gigabytes. Each message costs a
/// derivation of keys, and some want an answer, which waits if the server does not read.
constexpr int most_messages = 32;

error_code too_many_messages() {
    return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_TOO_MANY_KEY_UPDATES)),
            asio::error::get_ssl_category()};
}

}  // namespace

struct ciphertext::callbacks {
    static ciphertext& of(BIO* bio) { return *static_cast<ciphertext*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, int size) {
        auto& self = of(bio);
        BIO_clear_retry_flags(bio);
        auto const got = std::min(static_cast<std::size_t>(size), self.end_ - self.begin_);
        if (got == 0) {
            if (self.ended_) return 0;
            BIO_set_retry_read(bio);
            return -1;
        }
        std::memcpy(into, self.incoming_.get() + self.begin_, got);
        self.begin_ += got;
        return static_cast<int>(got);
    }

    static int write(BIO* bio, char const* from, int size) {
        try {
            of(bio).outgoing_.append(from, static_cast<std::size_t>(size));
        } catch (std::bad_alloc const&) {
            return -1;
        }
        return size;
    }

    static long control(BIO* bio, int what, long, void*) {
        switch (what) {
            case BIO_CTRL_FLUSH:
                return 1;
            case BIO_CTRL_EOF:
                return of(bio).ended_ && !of(bio).has_unread() ? 1 : 0;
            default:
                return 0;
        }
    }

    static BIO_METHOD* make() {
        auto* const made =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cloudflare ciphertext");
        if (made) {
            BIO_meth_set_read(made, &read);
            BIO_meth_set_write(made, &write);
            BIO_meth_set_ctrl(made, &control);
        }
        return made;
    }
};

BIO* ciphertext::make_bio() {
    static BIO_METHOD* const method = callbacks::make();
    auto* const bio = method ? BIO_new(method) : nullptr;
    if (bio) {
        BIO_set_data(bio, this);
        BIO_set_init(bio, 1);
    }
    return bio;
}

asio::mutable_buffer ciphertext::room() noexcept {
    begin_ = end_ = 0;
    return asio::buffer(incoming_.get(), receive_size);
}

void ciphertext::sent(std::size_t size) noexcept {
    sent_ += size;
    if (sent_ < outgoing_.size()) return;
    outgoing_.clear();
    sent_ = 0;
}

tls_stream::tls_stream(asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_{std::move(socket)}, ssl_{SSL_new(context)} {
    auto* const bio = wire_.make_bio();
    if (!ssl_ || !bio) {
        BIO_free(bio);
        throw std::bad_alloc{};
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());
    SSL_set_msg_callback(ssl_.get(), &tls_stream::on_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
    socket_.non_blocking(true);
}

void tls_stream::on_message(int is_sent, int, int type, void const*, std::size_t, SSL*,
                            void* self) {
    if (is_sent == 0 && type == SSL3_RT_HANDSHAKE) ++static_cast<tls_stream*>(self)->messages_;
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
            wire_.room(), asio::redirect_error(asio::use_awaitable, got.ec));
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
            if (taken != 1) {
                // A handshake is all that a write could wait for.
                auto const ec = error_of(taken);
                return io_result{ec ? ec : no_renegotiation(), done};
            }
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

void tls_stream::take_in(io_result const& received) {
    wire_.received(received.size);
    // OpenSSL says whether the server had announced the end.
    if (received.ec == asio::error::eof) wire_.ended();
}

io_result tls_stream::decrypt(asio::mutable_buffer into) {
    io_result got;
    if (!wire_.has_unread() && !wire_.has_ended() && SSL_has_pending(ssl_.get()) == 0) return got;
    clear_errors();
    auto const read = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got.size);
    if (read != 1) got.ec = error_of(read);
    if (!got.ec && is_renegotiating()) got.ec = no_renegotiation();
    if (!got.ec && messages_ > most_messages) got.ec = too_many_messages();
    // A change of keys, for instance, wants an answer. What the socket does not take of it now goes
    // with the next request.
    flush();
    return got;
}

bool tls_stream::has_unread() {
    // What came along with the answer's last record is off the socket already.
    if (!wire_.has_unread() && SSL_has_pending(ssl_.get()) == 0) return false;
    char byte{};
    clear_errors();
    // A session ticket is not data: it is consumed here.
    auto const got = SSL_peek(ssl_.get(), &byte, 1);
    if (got > 0 || SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ) return true;
    // Part of a record, or of a message, of which the rest may come in front of the next answer.
    return SSL_has_pending(ssl_.get()) != 0 || SSL_in_init(ssl_.get()) != 0;
}

bool tls_stream::is_dead() {
    // A server may have sent more with the end of its handshake.
    if (has_unread()) return true;
    error_code ec;
    auto const room = wire_.room();
    auto const size = socket_.receive(room, 0, ec);
    if (ec) return !would_block(ec);
    wire_.received(size);
    // More than there is room for is more than a few tickets.
    return size == room.size() || has_unread();
}

bool tls_stream::is_renegotiating() const noexcept {
    // TLS 1.3 has other messages, which may be read in part, but no new handshake.
    return SSL_version(ssl_.get()) < TLS1_3_VERSION && SSL_in_init(ssl_.get()) != 0;
}

error_code tls_stream::flush() {
    while (!wire_.unsent().empty()) {
        error_code ec;
        wire_.sent(socket_.send(asio::buffer(wire_.unsent()), 0, ec));
        if (ec) return ec;
    }
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

}  // namespace cloudflare::inline v0::http
