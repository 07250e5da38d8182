// The client inside an asynchronous service: a small HTTP server on the same io_context.
//
//     report_service [PORT]        (default 0: chosen by the system, and printed)
//
//     POST /reports {"sender": "phish@evil.example", "reason": "INC-1234"}
//         201 {"id": "..."}        the sender is blocked
//         400 / 502 / 503          {"error": "..."}
//     GET /health
//         200 {"calls": 1, "waiting": 0}
//
// While the quota makes calls wait, everything else goes on. SIGTERM and SIGINT stop accepting,
// give work in flight five seconds, cut off the rest, and answer everybody. Credentials and the
// account come from the environment, as in quickstart.cpp.

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <unordered_set>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
namespace es = cloudflare::email_security;
using tcp = asio::ip::tcp;

namespace {

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

response reply(request const& to, http::status status, json::value const& body) {
    response made{status, to.version()};
    made.set(http::field::content_type, "application/json");
    made.keep_alive(to.keep_alive());
    made.body() = json::serialize(body);
    made.prepare_payload();
    return made;
}

/// What our caller should make of our failure.
http::status status_of(cloudflare::error const& failure) {
    using cloudflare::errc;
    if (failure.code() == errc::invalid_argument || failure.code() == errc::request_rejected) {
        return http::status::bad_request;
    }
    if (failure.code() == errc::rate_limited || failure.code() == errc::closed) {
        return http::status::service_unavailable;
    }
    return http::status::bad_gateway;
}

class service : public std::enable_shared_from_this<service> {
public:
    service(asio::io_context& context, cloudflare::client client, std::string account_id,
            unsigned short port)
        : client_{client},
          blocked_{client, std::move(account_id)},
          acceptor_{context, tcp::endpoint{asio::ip::address_v4::loopback(), port}},
          signals_{context, SIGINT, SIGTERM},
          patience_{context} {}

    void start() {
        auto const executor = acceptor_.get_executor();
        asio::co_spawn(executor, accept(shared_from_this()), asio::detached);
        asio::co_spawn(executor, stop_on_signal(shared_from_this()), asio::detached);
    }

    unsigned short port() const { return acceptor_.local_endpoint().port(); }

private:
    static asio::awaitable<void> accept(std::shared_ptr<service> self) {
        for (;;) {
            auto [failed, socket] = co_await self->acceptor_.async_accept(no_throw);
            if (failed == asio::error::operation_aborted || self->stopping_) co_return;
            if (failed) {
                // Out of descriptors, most likely: they come back, but not at once.
                asio::steady_timer pause{self->acceptor_.get_executor(), std::chrono::seconds{1}};
                co_await pause.async_wait(no_throw);
                continue;
            }
            auto connection = std::make_shared<tcp::socket>(std::move(socket));
            asio::co_spawn(connection->get_executor(), serve(self, connection), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<service> self,
                                       std::shared_ptr<tcp::socket> connection) {
        beast::flat_buffer buffer;
        self->open_.insert(connection);
        while (!self->stopping_) {
            request message;
            self->idle_.insert(connection);
            auto [failed, size] = co_await http::async_read(*connection, buffer, message, no_throw);
            self->idle_.erase(connection);
            if (failed) break;
            auto answer = co_await self->handle(message);
            answer.keep_alive(answer.keep_alive() && !self->stopping_);
            auto [lost, sent] = co_await http::async_write(*connection, answer, no_throw);
            if (lost || !answer.keep_alive()) break;
        }
        self->open_.erase(connection);
        if (self->open_.empty()) self->patience_.cancel();
    }

    asio::awaitable<response> handle(request const& message) {
        if (message.target() == "/health") {
            co_return reply(
                message, http::status::ok,
                {{"calls", client_.metrics().calls}, {"waiting", client_.quota().waiting}});
        }
        if (message.target() == "/reports" && message.method() == http::verb::post) {
            co_return co_await block(message);
        }
        co_return reply(message, http::status::not_found, {{"error", "no such resource"}});
    }

    asio::awaitable<response> block(request const& message) {
        boost::system::error_code malformed;
        auto const report = json::parse(message.body(), malformed);
        auto const* const object = malformed ? nullptr : report.if_object();
        auto const* const sender = object ? object->if_contains("sender") : nullptr;
        if (!sender || !sender->is_string()) {
            co_return reply(message, http::status::bad_request,
                            {{"error", "expected {\"sender\": ..., \"reason\": ...}"}});
        }
        std::string const pattern{sender->as_string()};
        auto const known = es::recognise_pattern(pattern);
        if (!known) {
            co_return reply(message, http::status::bad_request,
                            {{"error", "the sender " + known.error().detail()}});
        }
        es::new_block_sender entry{known->pattern, known->type};
        if (auto const* const reason = object->if_contains("reason");
            reason && reason->is_string()) {
            entry.comments(std::string{reason->as_string()});
        }

        auto const created = co_await blocked_.create(std::move(entry));
        if (!created) {
            auto const& failure = created.error();
            auto answer = reply(message, status_of(failure), {{"error", failure.message()}});
            if (auto const wait = failure.retry_after()) {
                auto const seconds = std::chrono::ceil<std::chrono::seconds>(*wait);
                answer.set(http::field::retry_after, std::to_string(seconds.count()));
            }
            co_return answer;
        }
        co_return reply(message, http::status::created, {{"id", created->id.text()}});
    }

    static asio::awaitable<void> stop_on_signal(std::shared_ptr<service> self) {
        co_await self->signals_.async_wait(no_throw);
        std::cerr << "stopping\n";
        self->stopping_ = true;
        boost::system::error_code ignored;
        self->acceptor_.close(ignored);
        for (auto const& each : self->idle_) each->close(ignored);
        // Calls that wait for the quota longer than this end with `errc::closed`.
        co_await self->client_.close(std::chrono::seconds{5});
        // The answers are on their way; who does not take them in a second does not get them.
        self->patience_.expires_after(std::chrono::seconds{1});
        if (!self->open_.empty()) co_await self->patience_.async_wait(no_throw);
        for (auto const& each : self->open_) each->close(ignored);
    }

    cloudflare::client client_;
    es::block_senders blocked_;
    tcp::acceptor acceptor_;
    asio::signal_set signals_;
    asio::steady_timer patience_;
    std::unordered_set<std::shared_ptr<tcp::socket>> open_;
    std::unordered_set<std::shared_ptr<tcp::socket>> idle_;  // of the open ones: no request
    bool stopping_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        asio::io_context context{1};
        cloudflare::client client{context.get_executor(),
                                  cloudflare::client_options::from_environment()};
        auto const* const account = std::getenv("CLOUDFLARE_ACCOUNT_ID");
        auto const port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 0);
        auto const running =
            std::make_shared<service>(context, client, account ? account : "", port);
        running->start();
        std::cout << "listening on http://127.0.0.1:" << running->port() << std::endl;
        context.run();
        std::cerr << "stopped\n";
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
