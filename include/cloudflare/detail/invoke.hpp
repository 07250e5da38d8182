#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/make_request.hpp>
#include <cloudflare/detail/task.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe/class.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare {

namespace detail {

/// The one coroutine of Asio's that most calls have beside the caller's. A `Pending` also has
/// the client, says whether its arguments are valid, and keeps the answer.
template <std::derived_from<pending_request> Pending>
boost::asio::awaitable<result<typename Pending::value_type>> start_call(Pending what,
                                                                        call_options options) {
    if (auto const valid = what.check(); !valid) co_return valid.error();
    auto sending = what.client().send_in_place(what, options);
    auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
    auto start = as_operation(sending, cancellation);
    auto ended = co_await std::move(start);
    if (auto const done = ended.take(); !done) co_return done.error();
    co_return what.take();
}

/// With a request that is made already, or the reason why it could not be.
class prepared_request : public pending_request {
public:
    prepared_request(cloudflare::client client, result<request> message)
        : client_{std::move(client)}, message_{std::move(message)} {
        if (message_) account_ = message_->account;
    }

    cloudflare::client const& client() const noexcept { return client_; }
    result<void> check() const {
        if (!message_) return message_.error();
        return {};
    }
    operation what() const override { return message_->operation; }
    std::string_view account() const override {
        return account_ ? std::string_view{*account_} : std::string_view{};
    }
    result<request> make_request() override { return std::move(message_); }

protected:
    ~prepared_request() = default;

private:
    cloudflare::client client_;
    result<request> message_;
    std::shared_ptr<std::string const> account_;
};

template <class T>
class value_request final : public prepared_request {
public:
    using value_type = T;
    using prepared_request::prepared_request;

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
class page_request final : public prepared_request {
public:
    using value_type = page<T>;
    using prepared_request::prepared_request;

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
boost::asio::awaitable<result<T>> invoke(client with, result<request> message,
                                         call_options options) {
    return detail::start_call(detail::value_request<T>{std::move(with), std::move(message)},
                              std::move(options));
}

/// As `invoke`, for a list: the envelope's `result_info` is kept.
template <class T>
boost::asio::awaitable<result<page<T>>> invoke_page(client with, result<request> message,
                                                    call_options options) {
    return detail::start_call(detail::page_request<T>{std::move(with), std::move(message)},
                              std::move(options));
}

/// Sends a request whose answer has nothing to read.
boost::asio::awaitable<result<void>> invoke_nothing(client with, result<request> message,
                                                    call_options options);

/// What DELETE answers.
struct deleted {
    identifier id;
};
BOOST_DESCRIBE_STRUCT(deleted, (), (id))

/// As `invoke`, for DELETE of `id`: that is also the result when the answer does not repeat it.
boost::asio::awaitable<result<deleted>> invoke_remove(client with, result<request> message,
                                                      identifier id, call_options options);

}  // namespace cloudflare
