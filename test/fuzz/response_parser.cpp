// The bytes of HTTP answers, whole and in pieces.

#include "http/response_parser.hpp"

#include "fuzz.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <string>

using cloudflare::response;
using cloudflare::fuzz::require;
using cloudflare::http::response_parser;
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t max_header = 512;
constexpr std::size_t max_body = 256;

struct parsed {
    response answer;
    bool is_done = false;
    bool is_encoded = false;
    bool keep_alive = false;
};

/// As a connection reads an answer, in pieces of this size.
parsed parse(std::string_view bytes, std::size_t piece) {
    parsed made;
    response_parser parser{made.answer, max_header, max_body};
    beast::flat_buffer incoming;
    boost::system::error_code ec;
    auto const take = [&] {
        incoming.consume(parser.put(incoming.data(), ec));
        if (ec == beast::http::error::need_more) ec = {};
        if (!ec && !parser.is_done() && incoming.size() > max_header) {
            ec = beast::http::error::buffer_overflow;
        }
    };
    while (!ec && !parser.is_done() && !bytes.empty()) {
        auto const part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        asio::buffer_copy(incoming.prepare(part.size()), asio::buffer(part.data(), part.size()));
        incoming.commit(part.size());
        take();
    }
    if (!ec && !parser.is_done() && parser.got_some()) parser.put_eof(ec);
    made.is_done = !ec && parser.is_done();
    if (made.is_done) {
        made.is_encoded = parser.is_encoded();
        made.keep_alive = parser.keep_alive();
    }
    return made;
}

void check(response const& answer) {
    require(answer.body.size() <= max_body, "the limit of the body is kept");
    for (auto const* field :
         {&answer.ray_id, &answer.ratelimit, &answer.ratelimit_policy, &answer.retry_after,
          &answer.retry_after_ms, &answer.should_retry, &answer.location}) {
        require(field->size() <= max_header, "the limit of the header is kept");
        require(std::ranges::none_of(*field,
                                     [](char c) { return c == '\r' || c == '\n' || c == '\0'; }),
                "a field is one line");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    cloudflare::fuzz::input in{data, size};
    auto const piece = 1 + in.pick(64);
    auto const whole = parse(in.rest(), std::max<std::size_t>(1, in.rest().size()));
    auto const in_pieces = parse(in.rest(), piece);
    check(whole.answer);
    check(in_pieces.answer);
    if (!whole.is_done || !in_pieces.is_done) return 0;
    require(whole.answer.status == in_pieces.answer.status &&
                whole.answer.body == in_pieces.answer.body &&
                whole.answer.ratelimit == in_pieces.answer.ratelimit &&
                whole.answer.location == in_pieces.answer.location &&
                whole.is_encoded == in_pieces.is_encoded &&
                whole.keep_alive == in_pieces.keep_alive,
            "pieces make the same answer");
    return 0;
}
