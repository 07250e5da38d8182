#include "service.hpp"
#include "session.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <memory>
#include <thread>
#include <unordered_set>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct server::impl {
    impl(service_settings settings, std::string_view fault_spec, std::uint16_t port)
        : api(std::move(settings), fault_spec),
          tls(make_tls_context(ca_certificate)),
          acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
          chosen_port(acceptor.local_endpoint().port()) {
        asio::co_spawn(context, accept(), asio::detached);
        thread = std::thread([this] { context.run(); });
    }

    ~impl() {
        context.stop();
        thread.join();
    }

    asio::awaitable<void> accept() {
        for (;;) {
            auto [failed, socket] =
                co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (failed == asio::error::operation_aborted) co_return;
            if (failed) {
                // Mostly too many open files; trying again at once would only burn the processor.
                asio::steady_timer pause(context, std::chrono::milliseconds{10});
                co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
                continue;
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            api.connected();
            auto connection = std::make_shared<session>(std::move(socket), tls, api);
            asio::co_spawn(context, serve(std::move(connection)), asio::detached);
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<session> connection) {
        // Taken out in a destructor: also when the session throws.
        struct registration {
            std::unordered_set<session*>& all;
            session* one;
            registration(std::unordered_set<session*>& where, session* what)
                : all(where), one(what) {
                all.insert(one);
            }
            ~registration() { all.erase(one); }
            registration(registration const&) = delete;
            registration& operator=(registration const&) = delete;
        };
        registration const registered(sessions, connection.get());
        co_await connection->run();
    }

    /// Runs a function on the thread that serves. @returns its result, or throws what it throws.
    template <class Function>
    auto on_thread(Function function) -> decltype(function()) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        asio::post(context, [&task] { task(); });
        return result.get();
    }

    service api;
    std::string ca_certificate;
    asio::ssl::context tls;
    std::unordered_set<session*> sessions;
    /// Connections and their coroutines go with it, so that it must go before what they use.
    asio::io_context context{1};
    tcp::acceptor acceptor;
    std::uint16_t chosen_port = 0;
    std::thread thread;
};

server::server(options opts) {
    service_settings settings;
    settings.token = std::move(opts.token_);
    settings.account_id = std::move(opts.account_id_);
    settings.request_quota = opts.quota_;
    settings.latency = opts.latency_;
    settings.max_body = opts.max_body_;
    settings.seed = opts.seed_;
    settings.on_duplicate = opts.on_duplicate_;
    settings.normalise = opts.normalise_;
    settings.identifiers = opts.identifiers_;
    settings.block_senders = std::move(opts.block_senders_);
    settings.former_bodies = opts.former_bodies_;
    settings.log_requests = opts.log_requests_;
    settings.writers = opts.writers_;
    settings.list_lag = opts.list_lag_;
    impl_ = std::make_unique<impl>(std::move(settings), opts.fault_, opts.port_);
}

server::~server() = default;

std::uint16_t server::port() const noexcept {
    return impl_->chosen_port;
}

std::string server::base_url() const {
    return "https://127.0.0.1:" + std::to_string(port()) + "/client/v4";
}

std::string const& server::ca_certificate() const noexcept {
    return impl_->ca_certificate;
}

void server::seed_block_senders(std::string_view account_id, std::vector<std::string> patterns) {
    impl_->on_thread([&] { impl_->api.seed_block_senders(account_id, patterns); });
}

void server::seed_entries(std::string_view account_id, std::string_view collection,
                          std::string_view json) {
    impl_->on_thread([&] { impl_->api.seed_entries(account_id, collection, json); });
}

std::vector<std::string> server::patterns(std::string_view account_id,
                                          std::string_view collection) const {
    return impl_->on_thread([&] { return impl_->api.patterns(account_id, collection); });
}

std::string server::entries(std::string_view account_id, std::string_view collection) const {
    return impl_->on_thread([&] { return impl_->api.entries(account_id, collection); });
}

void server::advance_clock(std::chrono::seconds by) {
    impl_->on_thread([&] { impl_->api.advance_clock(by); });
}

void server::set_fault(std::string_view value) {
    impl_->on_thread([&] { impl_->api.set_fault(value); });
}

void server::set_latency(std::chrono::milliseconds value) {
    impl_->on_thread([&] { impl_->api.set_latency(value); });
}

void server::drop_connections() {
    impl_->on_thread([&] {
        for (session* const connection : impl_->sessions) connection->close();
    });
}

statistics server::stats() const {
    return impl_->on_thread([&] { return impl_->api.stats(); });
}

std::vector<logged_request> server::take_log() {
    return impl_->on_thread([&] { return impl_->api.take_log(); });
}

}  // namespace cloudflare::inline v0::simulator
