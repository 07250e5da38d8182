#include "http/tunnel.hpp"

#include "http/response_parser.hpp"
#include "memory/secret_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::uint32_t max_header = 16 * 1024;

/// What a status other than 2xx says.
tunnel_refusal refusal(unsigned status) {
    tunnel_refusal refused;
    refused.why = "answered CONNECT with HTTP " + std::to_string(status);
    if (status == 407) refused.why += ": it wants (other) credentials";
    // 5xx: it could not reach the API. The others of 4xx say that it does not want to.
    refused.stays = status < 500 && status != 408 && status != 429;
    return refused;
}

}  // namespace

asio::awaitable<std::optional<tunnel_refusal>> open_tunnel(asio::ip::tcp::socket& socket,
                                                           proxy const& by_proxy,
                                                           origin const& to) {
    // Other than in a Host field, the port is never left out.
    auto const is_ipv6 = to.host.find(':') != std::string::npos;
    auto const target = (is_ipv6 ? "[" + to.host + "]" : to.host) + ':' + to.port;
    secret_text const question{
        "CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n", by_proxy.header_fields(),
        "\r\n"};
    boost::system::error_code ec;
    co_await asio::async_write(socket, asio::buffer(question.view()),
                               asio::redirect_error(asio::use_awaitable, ec));
    beast::flat_buffer incoming;
    std::optional<beast::http::response_parser<beast::http::empty_body>> parser;
    int interim_answers = -1;  // before the first
    while (!ec && (!parser || parser->get().result_int() / 100 == 1)) {
        if (++interim_answers > most_interim_answers) {
            co_return tunnel_refusal{"sends interim answers to CONNECT without end", false};
        }
        parser.emplace();
        parser->header_limit(max_header);
        parser->skip(true);
        co_await beast::http::async_read_header(socket, incoming, *parser,
                                                asio::redirect_error(asio::use_awaitable, ec));
    }
    if (ec) co_return tunnel_refusal{"did not answer CONNECT: " + ec.message(), false};
    auto const status = parser->get().result_int();
    if (status / 100 != 2) co_return refusal(status);
    // The server speaks second in TLS, so this would be somebody else.
    if (incoming.size() > 0) co_return tunnel_refusal{"sent more than its answer", false};
    co_return std::nullopt;
}

}  // namespace cloudflare::inline v0::http
