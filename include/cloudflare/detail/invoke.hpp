#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/make_request.hpp>
#include <cloudflare/detail/task.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe/class.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

namespace detail {

/// The one coroutine of Asio's that most calls have beside the caller's. A `Pending` also has
/// the client, says whether its arguments are valid, and keeps the answer.
///
/// Cancelled, also before it began, it gives `errc::cancelled` and throws nothing; and so will the
/// next call that the same coroutine awaits, as the coroutine then no longer throws by itself
/// (`this_coro::throw_if_cancelled` is off).
template <std::derived_from<pending_request> Pending>
boost::asio::awaitable<result<typename Pending::value_type>> start_call(Pending what,
                                                                        call_options options) {
    if (auto const valid = what.check(); !valid) co_return valid.error();
    auto sending = what.client().send_in_place(what, options);
    bool const throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
    auto start = as_operation(sending, cancellation);
    auto ended = co_await std::move(start);
    auto const now = co_await boost::asio::this_coro::cancellation_state;
    if (now.cancelled() == boost::asio::cancellation_type::none) {
        co_await boost::asio::this_coro::throw_if_cancelled(throws);
    }
    if (auto const done = ended.take(); !done) co_return done.error();
    co_return what.take();
}

/// How many entries a page has that a request asks for: the query's `per_page`, or the most that
/// the API gives.
CLOUDFLARE_EXPORT std::size_t page_size_of(std::string_view target) noexcept;

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
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
class value_request : public prepared_request {
public:
    using value_type = T;
    using prepared_request::prepared_request;

    reply where_to() override {
        reply into;
        into.result = {&wire::codec_for<T>(), &value_};
        into.may_lack_result = is_optional<T>;
        return into;
    }
    T take() { return std::move(value_); }

protected:
    T const& value() const noexcept { return value_; }

private:
    T value_{};
};

/// The same, of an answer that must fit what was asked: `Check` says why it does not, if it
/// does not.
template <class T, class Check>
class checked_request final : public value_request<T>, public answer_check {
public:
    checked_request(cloudflare::client client, result<request> message, Check check)
        : value_request<T>{std::move(client), std::move(message)}, check_{std::move(check)} {}

    reply where_to() override {
        auto into = value_request<T>::where_to();
        into.check = this;
        return into;
    }
    std::optional<error> check_answer() override { return check_(this->value()); }

private:
    Check check_;
};

template <class T>
class page_request final : public prepared_request {
public:
    using value_type = page<T>;
    using prepared_request::prepared_request;

    result<request> make_request() override {
        auto message = prepared_request::make_request();
        if (message) page_size_ = page_size_of(message->target);
        return message;
    }
    reply where_to() override {
        reply into;
        into.result = {&wire::codec_for<std::vector<T>>(), &page_.items};
        into.info = &page_.info;
        into.max_elements = page_size_;
        return into;
    }
    page<T> take() { return std::move(page_); }

private:
    page<T> page_;
    std::size_t page_size_ = 0;  // that was asked for
};

}  // namespace detail

/// Sends a request and decodes the envelope's `result` into a `T`.
template <class T>
boost::asio::awaitable<result<T>> invoke(client with, result<request> message,
                                         call_options options) {
    return detail::start_call(detail::value_request<T>{std::move(with), std::move(message)},
                              std::move(options));
}

/// As `invoke`; an answer of which `check` says what is wrong with it does not count.
template <class T, class Check>
boost::asio::awaitable<result<T>> invoke_checked(client with, result<request> message, Check check,
                                                 call_options options) {
    return detail::start_call(
        detail::checked_request<T, Check>{std::move(with), std::move(message), std::move(check)},
        std::move(options));
}

/// Why the answer to a write that is about the entry `answered` does not show what became of
/// `asked`; empty: of an entry that is made.
CLOUDFLARE_EXPORT std::optional<error> check_entry(identifier const& answered,
                                                   identifier const& asked);

/// As `invoke`, for a write to one entry, which the answer must be about. (Of what was read nothing
/// is said to be done, so for that `invoke` will do.)
template <class T>
boost::asio::awaitable<result<T>> invoke_write(client with, result<request> message, identifier id,
                                               call_options options) {
    auto check = [id = std::move(id)](T const& got) {
        if constexpr (requires { got.job_id; }) {
            return check_entry(got.job_id, id);
        } else {
            return check_entry(got.id, id);
        }
    };
    return invoke_checked<T>(std::move(with), std::move(message), std::move(check),
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
CLOUDFLARE_EXPORT boost::asio::awaitable<result<void>> invoke_nothing(client with,
                                                                      result<request> message,
                                                                      call_options options);

/// What DELETE answers.
struct deleted {
    identifier id;  ///< of what was deleted
};
BOOST_DESCRIBE_STRUCT(deleted, (), (id))

/// As `invoke`, for DELETE of `id`, which is also the result when the answer does not repeat it. It
/// must not name another.
CLOUDFLARE_EXPORT boost::asio::awaitable<result<deleted>> invoke_remove(client with,
                                                                        result<request> message,
                                                                        identifier id,
                                                                        call_options options);

}  // namespace cloudflare::inline v0
