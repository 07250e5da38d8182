#include "session.hpp"

#include "certificate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// A filter by a pattern of 1024 characters takes 12 KiB in the target.
constexpr std::uint32_t header_limit = 64U << 10U;
constexpr auto token = asio::as_tuple(asio::use_awaitable);

using request_parser = http::request_parser<http::string_body>;

request to_request(http::request<http::string_body>& message) {
    request result;
    result.method = message.method_string();
    result.target = message.target();
    result.body = std::move(message.body());
    result.authorization = message[http::field::authorization];
    result.auth_email = message["X-Auth-Email"];
    result.auth_key = message["X-Auth-Key"];
    result.content_type = message[http::field::content_type];
    return result;
}

http::response<http::string_body> to_response(reply& answer, unsigned version, bool keep_alive) {
    http::response<http::string_body> result;
    result.version(version);
    result.result(answer.status);
    if (http::int_to_status(answer.status) == http::status::unknown) {
        result.reason("Unknown Error");
    }
    for (auto const& [name, value] : answer.headers) result.insert(name, value);
    result.keep_alive(keep_alive);
    if (answer.status != 204) {
        result.set(http::field::content_type, answer.content_type);
        result.content_length(answer.body.size());
    }
    result.body() = std::move(answer.body);
    return result;
}

}  // namespace

session::session(asio::ip::tcp::socket socket, asio::ssl::context& tls, service& api)
    : stream_(std::move(socket), tls), delay_(stream_.get_executor()), api_(api) {}

void session::close() {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    delay_.cancel();
}

asio::awaitable<void> session::run() {
    auto const [failed] = co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
    if (failed) co_return;
    if (SSL_session_reused(stream_.native_handle()) != 0) api_.session_resumed();
    bool goes_on = true;
    while (goes_on) goes_on = co_await exchange();
    close();
}

asio::awaitable<bool> session::exchange() {
    request_parser parser;
    parser.header_limit(header_limit);
    parser.body_limit(api_.max_body());
    auto [failed, read] = co_await http::async_read_header(stream_, buffer_, parser, token);
    if (!failed) {
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            http::response<http::empty_body> go_on(http::status::continue_, 11);
            co_await http::async_write(stream_, go_on, token);
        }
        std::tie(failed, read) = co_await http::async_read(stream_, buffer_, parser, token);
    }
    bool const too_large = failed == http::error::body_limit;
    if (failed == http::error::end_of_stream) {
        co_await stream_.async_shutdown(token);
        co_return false;
    }
    if (failed && !too_large) {
        bool const malformed =
            failed.category() == http::make_error_code(http::error::bad_method).category();
        if (malformed && failed != http::error::partial_message) co_await refuse_malformed();
        co_return false;
    }

    http::request<http::string_body>& message = parser.get();
    bool const keep_alive = message.keep_alive() && !too_large;
    bool const without_body = message.method() == http::verb::head;
    request asked = to_request(message);
    asked.too_large = too_large;
    delivery outcome = api_.serve(asked);

    if (outcome.delay.count() > 0) {
        delay_.expires_after(outcome.delay);
        auto const [cancelled] = co_await delay_.async_wait(token);
        if (cancelled) co_return false;
    }

    response answer = to_response(outcome.answer, message.version(), keep_alive);
    if (without_body) answer.body().clear();
    bool const delivered = co_await deliver(outcome, answer);
    if (!delivered) co_return false;
    if (too_large) {
        // Closing with unread input would reset the connection, and the client would never see the
        // answer.
        co_await discard_input();
    } else if (!keep_alive) {
        co_await stream_.async_shutdown(token);
    }
    co_return keep_alive;
}

asio::awaitable<bool> session::deliver(delivery const& what, response& message) {
    if (what.send == delivery::form::whole) {
        auto const [failed, written] = co_await http::async_write(stream_, message, token);
        if (failed) co_return false;
    } else if (what.send == delivery::form::cut) {
        http::response_serializer<http::string_body> head(message);
        head.split(true);
        auto const [failed, written] = co_await http::async_write_header(stream_, head, token);
        if (failed) co_return false;
        asio::const_buffer const half = asio::buffer(message.body(), message.body().size() / 2);
        auto const [broken, count] = co_await asio::async_write(stream_, half, token);
        if (broken) co_return false;
    }

    switch (what.then) {
        case delivery::ending::regular:
            co_return true;
        case delivery::ending::close:
            break;
        case delivery::ending::reset: {
            boost::system::error_code ignored;
            stream_.next_layer().set_option(asio::socket_base::linger(true, 0), ignored);
            break;
        }
        case delivery::ending::hang:
            co_await discard_input();
            break;
    }
    close();
    co_return false;
}

asio::awaitable<void> session::refuse_malformed() {
    response answer(http::status::bad_request, 11);
    answer.set(http::field::content_type, "text/html");
    answer.body() = "<html><head><title>400 Bad Request</title></head></html>\n";
    answer.keep_alive(false);
    answer.prepare_payload();
    co_await http::async_write(stream_, answer, token);
    co_await discard_input();
}

asio::awaitable<void> session::discard_input() {
    std::array<char, 16384> room;
    for (;;) {
        asio::mutable_buffer const into = asio::buffer(room);
        auto const [failed, count] = co_await stream_.async_read_some(into, token);
        if (failed) co_return;
    }
}

asio::ssl::context make_tls_context(std::string& ca_certificate) {
    minted_certificates minted = mint_certificates();
    ca_certificate = std::move(minted.ca);

    asio::ssl::context tls(asio::ssl::context::tls_server);
    tls.use_certificate(asio::buffer(minted.server), asio::ssl::context::pem);
    tls.use_private_key(asio::buffer(minted.server_key), asio::ssl::context::pem);
    SSL_CTX* const native = tls.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    constexpr unsigned char context_id[] = {'s', 'i', 'm'};
    SSL_CTX_set_session_id_context(native, context_id, sizeof context_id);

    // A client that offers protocols, but not this one, is refused, as RFC 7301 wants it.
    auto const choose = [](SSL*, unsigned char const** chosen, unsigned char* length,
                           unsigned char const* offered, unsigned int offered_length,
                           void*) -> int {
        static constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
        unsigned char* selected = nullptr;
        int const found = SSL_select_next_proto(&selected, length, http_1_1, sizeof http_1_1,
                                                offered, offered_length);
        *chosen = selected;
        return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
    };
    SSL_CTX_set_alpn_select_cb(native, choose, nullptr);
    return tls;
}

}  // namespace cloudflare::inline v0::simulator
