#include "client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace {

struct session_free {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_free>;

std::string to_lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

}  // namespace

struct client::impl {
    impl(std::uint16_t server_port, std::string const& ca) : port(server_port) {
        tls.add_certificate_authority(asio::buffer(ca));
        tls.set_verify_mode(asio::ssl::verify_peer);
        SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_CLIENT);
    }

    void connect(SSL_SESSION* session) {
        stream.emplace(context, tls);
        buffer.clear();
        stream->next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
        stream->set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
        constexpr std::string_view offered = "\x02h2\x08http/1.1";
        SSL* const ssl = stream->native_handle();
        SSL_set_alpn_protos(ssl, reinterpret_cast<unsigned char const*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
        if (session) SSL_set_session(ssl, session);
        stream->handshake(asio::ssl::stream_base::client);
    }

    std::uint16_t port;
    asio::io_context context;
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::optional<asio::ssl::stream<tcp::socket>> stream;
    boost::beast::flat_buffer buffer;
};

boost::json::value answer::json(std::string_view pointer) const {
    boost::json::value const whole = boost::json::parse(body);
    return whole.at_pointer(pointer);
}

std::vector<std::string> error_pointers(answer const& failed) {
    std::vector<std::string> result;
    boost::json::value const errors = failed.json("/errors");
    for (boost::json::value const& error : errors.as_array()) {
        boost::json::value const* const source = error.as_object().if_contains("source");
        result.push_back(source ? boost::json::value_to<std::string>(source->at("pointer")) : "");
    }
    return result;
}

client::client(cloudflare::simulator::server const& server)
    : client(server.port(), server.ca_certificate()) {}

client::client(std::uint16_t port, std::string const& ca_certificate)
    : impl_(std::make_unique<impl>(port, ca_certificate)) {
    impl_->connect(nullptr);
}

client::~client() = default;

void client::reconnect(bool resume) {
    session_ptr session;
    SSL* const ssl = impl_->stream->native_handle();
    if (resume) session.reset(SSL_get1_session(ssl));
    // OpenSSL resumes no session of a connection that it thinks was cut off.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);
    impl_->connect(session.get());
}

std::string client::protocol() const {
    unsigned char const* text = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(impl_->stream->native_handle(), &text, &length);
    return {reinterpret_cast<char const*>(text), length};
}

bool client::resumed() const {
    return SSL_session_reused(impl_->stream->native_handle()) != 0;
}

void client::write(std::string_view method, std::string_view target, std::string_view body) {
    http::request<http::string_body> message;
    message.method_string(method);
    message.target(target);
    message.set(http::field::host, "127.0.0.1");
    if (!body.empty()) message.set(http::field::content_type, "application/json");
    for (auto const& [name, value] : headers) message.set(name, value);
    message.body() = body;
    message.prepare_payload();
    http::write(*impl_->stream, message);
}

void client::write_raw(std::string_view bytes) {
    asio::write(*impl_->stream, asio::buffer(bytes.data(), bytes.size()));
}

answer client::send(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view content_type) {
    auto const before = headers;
    headers.try_emplace("Content-Type", content_type);
    if (content_type.empty()) headers.erase("Content-Type");
    write(method, target, body);
    headers = before;

    http::response_parser<http::string_body> parser;
    parser.body_limit(std::uint64_t{1} << 30U);
    parser.skip(method == "HEAD");
    http::read(*impl_->stream, impl_->buffer, parser);
    http::response<http::string_body> message = parser.release();
    answer result;
    result.status = message.result_int();
    for (auto const& field : message) {
        result.headers[to_lower(field.name_string())] = field.value();
    }
    result.body = std::move(message.body());
    return result;
}

std::string client::read_until(std::string_view text) {
    std::string bytes;
    std::array<char, 1024> room;
    while (bytes.find(text) == std::string::npos) {
        std::size_t const count = impl_->stream->read_some(asio::buffer(room));
        bytes.append(room.data(), count);
    }
    return bytes;
}

raw_answer client::read_to_end() {
    raw_answer result;
    std::array<char, 1024> room;
    while (!result.end) {
        std::size_t const count = impl_->stream->read_some(asio::buffer(room), result.end);
        result.bytes.append(room.data(), count);
    }
    return result;
}

std::string path_of(std::string_view collection, std::string_view rest, std::string_view account) {
    return "/client/v4/accounts/" + std::string{account} + "/email-security/settings/" +
           std::string{collection} + std::string{rest};
}

std::string block_sender(std::string_view pattern, std::string_view type) {
    boost::json::object body{{"is_regex", false}};
    body["pattern"] = pattern;
    body["pattern_type"] = type;
    return boost::json::serialize(body);
}

}  // namespace test
