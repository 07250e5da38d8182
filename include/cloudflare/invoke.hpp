#pragma once

#include <cloudflare/account.hpp>
#include <cloudflare/client.hpp>
#include <cloudflare/codec.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>
#include <cloudflare/validation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace cloudflare {

/// The request for an operation, its path template filled in and percent-encoded. The account takes
/// the place of `{account_id}`, the identifier that of the other placeholder.
/// Fails with `errc::invalid_argument` when one of them could leave its path segment.
result<request> make_request(operation what, account const& on,
                             std::optional<identifier> const& id);

/// Adds the query of a list, or the reason why it cannot be sent.
template <class Filter>
void set_query(result<request>& message, Filter const& which) {
    if (!message) return;
    if (auto const valid = which.validate(); !valid) {
        message = valid.error();
    } else {
        wire::append_query(wire::fields_of<Filter>(), &which, message->target);
    }
}

/// Adds the body, or the reason why it cannot be sent.
template <class Body>
void set_body(result<request>& message, Body const& body) {
    if (!message) return;
    if (auto const valid = body.validate(); !valid) {
        message = valid.error();
    } else {
        wire::append_json(wire::codec_for<Body>(), &body, message->body);
    }
}

/// Sends a request and decodes the envelope's `result` into a `T`.
template <class T>
boost::asio::awaitable<result<T>> invoke(client through, result<request> message,
                                         call_options options) {
    if (!message) co_return message.error();
    T value;
    reply into;
    into.result = {&wire::codec_for<T>(), &value};
    auto const done = co_await through.send_in_place(*message, options, into);
    if (!done) co_return done.error();
    co_return std::move(value);
}

/// As `invoke`, for a list: the envelope's `result_info` is kept.
template <class T>
boost::asio::awaitable<result<page<T>>> invoke_page(client through, result<request> message,
                                                    call_options options) {
    if (!message) co_return message.error();
    page<T> value;
    reply into;
    into.result = {&wire::codec_for<std::vector<T>>(), &value.items};
    into.info = &value.info;
    auto const done = co_await through.send_in_place(*message, options, into);
    if (!done) co_return done.error();
    co_return std::move(value);
}

/// Sends a request whose answer has nothing to read.
boost::asio::awaitable<result<void>> invoke_nothing(client through, result<request> message,
                                                    call_options options);

/// What DELETE answers.
struct deleted {
    identifier id;
};
BOOST_DESCRIBE_STRUCT(deleted, (), (id))

/// As `invoke`, for DELETE of `id`: that is also the result when the answer does not repeat it.
boost::asio::awaitable<result<deleted>> invoke_remove(client through, result<request> message,
                                                      identifier id, call_options options);

}  // namespace cloudflare
