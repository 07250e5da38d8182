#include "http/connection.hpp"

#include "http/response_parser.hpp"
#include "memory/secret_text.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

#include <openssl/ssl.h>

#include <optional>
#include <utility>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t read_size = 16 * 1024;  // one TLS record

/// The error for what ended an exchange. The limit tells our own doing from a lost connection.
error describe(boost::system::error_code ec, deadline_queue::guard const& limit, outcome became) {
    if (limit.cut_off()) return error{errc::closed, "the client was closed", became};
    if (limit.expired())
        return error{errc::timed_out, "the server took too long to answer", became};
    if (ec == asio::error::operation_aborted) return error{errc::cancelled, {}, became};
    if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated ||
        ec == beast::http::error::partial_message || ec == beast::http::error::end_of_stream) {
        return error{errc::connection_lost, "the server closed the connection", became};
    }
    if (ec == beast::http::error::header_limit || ec == beast::http::error::body_limit ||
        ec == beast::http::error::buffer_overflow) {
        return error{errc::response_too_large, ec.message(), became};
    }
    if (ec.category() == beast::http::make_error_code(beast::http::error::bad_version).category()) {
        return error{errc::malformed_response, ec.message(), became};
    }
    return error{errc::connection_lost, ec.message(), became};
}

/// Whether it means anything: 101 answers an `Upgrade`, which is never asked for.
bool is_expected(unsigned status) noexcept {
    return status >= 100 && status != 101;
}

}  // namespace

connection::connection(asio::ip::tcp::socket socket, std::shared_ptr<tls_context> tls,
                       std::shared_ptr<origin const> to)
    : tls_{std::move(tls)},
      to_{std::move(to)},
      stream_{std::move(socket), tls_->context().native_handle()} {
    opened = last_used = std::chrono::steady_clock::now();
    tls_->prepare(stream_.native_handle(), *to_);
}

connection::~connection() {
    wipe(outgoing_);
    // Without this OpenSSL takes the session for broken and does not let it be resumed.
    SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

bool connection::is_dead() {
    if (stream_.is_dead()) reusable_ = false;
    return !reusable_;
}

task<result<void>> connection::exchange(pool_options const& limits, attempt_facts& facts,
                                        deadline_queue& deadlines, time_point deadline,
                                        response& answer) {
    facts.reused = has_served();
    reusable_ = false;
    ++exchanges_;
    bytes_received_ = 0;
    stream_.begin_answer();
    deadline_queue::guard limit{deadlines, stream_.socket().native_handle(), deadline};

    // True before it is known: a cancellation may end this coroutine in the middle.
    facts.bytes_sent = true;
    auto written = stream_.write_now(outgoing_);
    if (written.ec == asio::error::would_block) {
        written = co_await stream_.write_rest(outgoing_, written);
    }
    auto const write_error = written.ec;
    if (write_error) {
        // With no whole TLS record out, the server has nothing that it could have processed.
        facts.bytes_sent = written.size > 0;
        if (written.size == 0 || limit.expired() || limit.cut_off() ||
            write_error == asio::error::operation_aborted) {
            co_return describe(write_error, limit,
                               facts.bytes_sent ? outcome::unknown : outcome::not_sent);
        }
        // A server may refuse a large body and close while it is still being sent: its answer is
        // worth reading.
    }

    int interim_answers = 0;
    std::optional<response_parser> parser;
    parser.emplace(answer, limits.max_header_size(), limits.max_body_size());
    for (;;) {
        boost::system::error_code ec;
        if (incoming_.size() > 0) {
            incoming_.consume(parser->put(incoming_.data(), ec));
            if (ec == beast::http::error::need_more) ec = {};
            // Beast leaves a line here until it is whole, and the trailers until all are there. It
            // limits only the header.
            if (!ec && !parser->is_done() && incoming_.size() > limits.max_header_size()) {
                ec = beast::http::error::buffer_overflow;
            }
        }
        if (!ec && parser->is_done()) {
            if (!is_expected(answer.status)) {
                ec = beast::http::error::bad_status;
            } else if (answer.status / 100 != 1) {
                break;
            } else if (++interim_answers > most_interim_answers) {
                co_return error{errc::malformed_response,
                                "the server sends interim answers without end", outcome::unknown};
            } else {
                // An interim answer (RFC 9110, 15.2): the final one follows.
                answer = {};
                parser.emplace(answer, limits.max_header_size(), limits.max_body_size());
                continue;
            }
        }
        if (!ec) {
            auto const room = incoming_.prepare(read_size);
            auto got = stream_.decrypt(room);
            while (got.size == 0 && !got.ec) {
                auto const received = co_await stream_.receive();
                stream_.take_in(received);
                auto const is_broken = received.ec && received.ec != asio::error::eof;
                got = is_broken ? received : stream_.decrypt(room);
            }
            ec = got.ec;
            incoming_.commit(got.size);
            bytes_received_ += got.size;
            facts.response_started = facts.response_started || got.size > 0;
            if (ec == asio::error::eof && parser->got_some()) {
                // The end of the connection may be the end of the body, but only a proper one is.
                ec = {};
                parser->put_eof(ec);
            }
        }
        if (ec) {
            if (!facts.reused && !facts.response_started && is_refusal_of_client(ec)) {
                facts.bytes_sent = false;
                facts.refused = true;
                co_return error{errc::tls_failed, ec.message()};
            }
            if (write_error && !facts.response_started) ec = write_error;
            co_return describe(ec, limit, outcome::unknown);
        }
    }
    if (parser->is_encoded()) {
        co_return error{errc::malformed_response, "the body is compressed, unasked for",
                        outcome::unknown}
            .status(answer.status)
            .ray_id(answer.ray_id);
    }
    reusable_ = !write_error && parser->keep_alive() && incoming_.size() == 0 &&
                !stream_.has_unread() && limit.lift();
    co_return result<void>{};
}

}  // namespace cloudflare::inline v0::http
