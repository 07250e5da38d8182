#pragma once

#include "harness.hpp"

#include <cloudflare/transport.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::test {

/// A transport that keeps what it was given and answers what a function says.
class mock_transport final : public transport {
public:
    using answer_function = std::function<boost::asio::awaitable<result<response>>(
        request const& message, attempt_facts& facts)>;

    explicit mock_transport(answer_function answer) : answer_{std::move(answer)} {}

    boost::asio::awaitable<result<response>> send(request const& message,
                                                  attempt_facts& facts) override {
        facts.bytes_sent = true;
        seen_.push_back({message.operation.method, message.target, message.headers,
                         std::chrono::steady_clock::now()});
        co_return co_await answer_(message, facts);
    }
    boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point) override {
        co_return;
    }

    struct seen {
        http_method method;
        std::string target;
        std::vector<std::pair<std::string, std::string>> headers;
        std::chrono::steady_clock::time_point at;
    };
    std::vector<seen> const& requests() const noexcept { return seen_; }
    /// Their methods, each with a space after it.
    std::string methods() const {
        std::string all;
        for (auto const& each : seen_) all += std::string{to_string(each.method)} + ' ';
        return all;
    }

private:
    answer_function answer_;
    std::vector<seen> seen_;
};

/// An answer with this body.
inline response answered(std::string body, unsigned status = 200) {
    response whole;
    whole.status = status;
    whole.body = std::move(body);
    return whole;
}

/// Cloudflare's envelope around a result.
inline response answered_with(std::string const& result) {
    return answered(R"({"success":true,"errors":[],"messages":[],"result":)" + result + '}');
}

inline response refused_with(unsigned status, std::string retry_after = {}) {
    auto whole = answered(
        R"({"success":false,"errors":[{"code":1,"message":"no"}],"messages":[],"result":null})",
        status);
    whole.retry_after = std::move(retry_after);
    return whole;
}

inline boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds time) {
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, time};
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// A context, and a client that sends through a mock.
struct mock_world {
    explicit mock_world(mock_transport::answer_function answer)
        : sent{std::make_shared<mock_transport>(std::move(answer))} {}

    client connect(client_options const& with = quick_options("https://localhost")) {
        return client{context.get_executor(), with, sent};
    }
    email_security::block_senders blocked(
        client_options const& with = quick_options("https://localhost")) {
        return {connect(with), account};
    }
    template <class T>
    T run(boost::asio::awaitable<T> what) {
        return test::run(context, std::move(what));
    }
    template <class T>
    auto start(boost::asio::awaitable<T> what) {
        return test::start(context, std::move(what));
    }
    template <class T>
    T finish(std::shared_ptr<under_way<T>> const& what) {
        return test::finish(context, std::move(what->result));
    }

    boost::asio::io_context context{1};
    std::shared_ptr<mock_transport> sent;
};

}  // namespace cloudflare::test
