#pragma once

#include <cloudflare/detail/account.hpp>
#include <cloudflare/client.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/task.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>
#include <cloudflare/detail/validation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe/class.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

namespace detail {

/// The one coroutine of Asio's that most calls have beside the caller's. A `Transaction` also has
/// the client, says whether its arguments are valid, and keeps the answer.
template <std::derived_from<transaction> Transaction>
boost::asio::awaitable<result<typename Transaction::value_type>> perform(Transaction what,
                                                                         call_options options) {
    if (auto const valid = what.check(); !valid) co_return valid.error();
    auto sending = what.through().send_in_place(what, options);
    auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
    auto start = as_operation(sending, cancellation);
    auto ended = co_await std::move(start);
    if (auto const done = ended.take(); !done) co_return done.error();
    co_return what.take();
}

/// With a request that is made already, or the reason why it could not be.
class prepared_transaction : public transaction {
public:
    prepared_transaction(client through, result<request> message)
        : through_{std::move(through)}, message_{std::move(message)} {}

    client const& through() const noexcept { return through_; }
    result<void> check() const {
        if (!message_) return message_.error();
        return {};
    }
    operation what() const override { return message_->operation; }
    result<request> make_request() override { return std::move(message_); }

protected:
    ~prepared_transaction() = default;

private:
    client through_;
    result<request> message_;
};

template <class T>
class value_transaction final : public prepared_transaction {
public:
    using value_type = T;
    using prepared_transaction::prepared_transaction;

    reply where_to() override {
        reply into;
        into.result = {&wire::codec_for<T>(), &value_};
        return into;
    }
    T take() { return std::move(value_); }

private:
    T value_{};
};

template <class T>
class page_transaction final : public prepared_transaction {
public:
    using value_type = page<T>;
    using prepared_transaction::prepared_transaction;

    reply where_to() override {
        reply into;
        into.result = {&wire::codec_for<std::vector<T>>(), &page_.items};
        into.info = &page_.info;
        return into;
    }
    page<T> take() { return std::move(page_); }

private:
    page<T> page_;
};

}  // namespace detail

/// Sends a request and decodes the envelope's `result` into a `T`.
template <class T>
boost::asio::awaitable<result<T>> invoke(client through, result<request> message,
                                         call_options options) {
    return detail::perform(detail::value_transaction<T>{std::move(through), std::move(message)},
                           std::move(options));
}

/// As `invoke`, for a list: the envelope's `result_info` is kept.
template <class T>
boost::asio::awaitable<result<page<T>>> invoke_page(client through, result<request> message,
                                                    call_options options) {
    return detail::perform(detail::page_transaction<T>{std::move(through), std::move(message)},
                           std::move(options));
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
