#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::test {

inline constexpr char const* account_id = "023e105f4ecef8ad9ca31a8372d0c353";

/// `{"success":true,…}` around a result, and a `result_info` if there is one.
inline std::string envelope(std::string const& result, std::string const& info = {}) {
    return R"({"success":true,"errors":[],"messages":[],"result":)" + result +
           (info.empty() ? "" : ",\"result_info\":" + info) + '}';
}

/// Gives the answers that it was told, in turn, and keeps the requests.
class canned_transport final : public transport {
public:
    void answer(unsigned status, std::string body, std::string location = {}) {
        response next;
        next.status = status;
        next.body = std::move(body);
        next.location = std::move(location);
        answers_.push_back(std::move(next));
    }
    /// The connection breaks after the request was sent.
    void lose_answer() { answers_.push_back(error{errc::connection_lost, "lost"}); }

    boost::asio::awaitable<result<response>> send(request const& message,
                                                  attempt_facts& facts) override {
        requests.push_back(message);
        facts.bytes_sent = true;
        if (on_request) on_request();
        if (answers_.empty()) throw std::logic_error("one request too many: " + message.target);
        auto next = std::move(answers_.front());
        answers_.pop_front();
        co_return std::move(next);
    }
    boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point) override {
        co_return;
    }

    /// `METHOD target body` of the last request, without the account's part of the path.
    std::string last() const {
        auto const& message = requests.at(requests.size() - 1);
        auto line = std::string{to_string(message.operation.method)} + ' ';
        auto const prefix = std::string{"/accounts/"} + account_id + "/email-security";
        if (message.target.compare(0, prefix.size(), prefix) != 0) return "?" + message.target;
        line += message.target.substr(prefix.size());
        if (!message.body.empty()) line += ' ' + message.body;
        return line;
    }
    bool is_used_up() const { return answers_.empty(); }

    std::vector<request> requests;
    /// What happens before a request is answered.
    std::function<void()> on_request;

private:
    std::deque<result<response>> answers_;
};

/// A client over a canned transport, and a context to run it.
struct world {
    world() : client{context.get_executor(), options(), server} {}
    /// Over the network, to the server that the options name.
    explicit world(client_options real) : client{context.get_executor(), std::move(real)} {}

    static client_options options() {
        client_options chosen{credentials::api_token("token")};
        chosen.rate_limit(rate_limit_options::unlimited())
            .retry(retry_options{}.backoff(std::chrono::milliseconds{0},
                                           std::chrono::milliseconds{0}));
        return chosen;
    }

    /// Runs a coroutine to its end.
    template <class T>
    T run(boost::asio::awaitable<T> what) {
        std::optional<T> got;
        run_to_end(keep(std::move(what), got));
        return std::move(*got);
    }

    /// The same for all types, as it is dear to compile.
    void run_to_end(boost::asio::awaitable<void> what);

    template <class T>
    static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> what,
                                             std::optional<T>& into) {
        auto value = co_await std::move(what);
        into.emplace(std::move(value));
    }

    boost::asio::io_context context{1};
    std::shared_ptr<canned_transport> server = std::make_shared<canned_transport>();
    cloudflare::client client;
};

}  // namespace cloudflare::test
