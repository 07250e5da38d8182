#include "http/dialer.hpp"

#include "http/tunnel.hpp"
#include "quota/time.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;

namespace {

// RFC 8305, section 5: the time after which the next address is tried beside the first.
constexpr std::chrono::milliseconds attempt_delay{250};

using endpoints = std::vector<asio::ip::tcp::endpoint>;

/// Alternates the address families, beginning with that of the first (RFC 8305, section 4).
endpoints interleave(endpoints const& all) {
    if (all.empty()) return all;
    auto const family = all.front().protocol();
    endpoints mixed;
    auto same = all.begin();
    auto other = all.begin();
    auto const next = [&](endpoints::const_iterator& from, bool wanted) {
        from = std::find_if(from, all.end(), [&](auto const& each) {
            return (each.protocol() == family) == wanted;
        });
        if (from != all.end()) mixed.push_back(*from++);
    };
    while (mixed.size() < all.size()) {
        next(same, true);
        next(other, false);
    }
    return mixed;
}

}  // namespace

dialer::dialer(asio::any_io_executor executor, std::shared_ptr<origin const> to, proxy by_proxy,
               std::shared_ptr<tls_context> tls, std::chrono::milliseconds timeout, handler done)
    : executor_{std::move(executor)},
      strand_{asio::make_strand(executor_)},
      to_{std::move(to)},
      proxy_{std::move(by_proxy)},
      hop_{proxy_.empty() ? to_->authority : "the proxy " + proxy_.host() + ':' + proxy_.port()},
      tls_{std::move(tls)},
      timeout_{timeout},
      done_{std::move(done)},
      timer_{strand_},
      progress_{strand_},
      resolver_{strand_} {}

void dialer::start() {
    asio::co_spawn(
        strand_,
        [](std::shared_ptr<dialer> self) -> asio::awaitable<void> {
            self->timer_.expires_at(quota::after(std::chrono::steady_clock::now(), self->timeout_));
            self->timer_.async_wait([weak = self->weak_from_this()](boost::system::error_code ec) {
                auto const timed = weak.lock();
                if (timed && !ec) timed->on_timeout();
            });
            co_await self->run();
        }(shared_from_this()),
        [self = shared_from_this()](std::exception_ptr thrown) {
            if (thrown) self->fail(std::move(thrown));
        });
}

asio::awaitable<void> dialer::run() {
    phase_ = "resolving " + hop_;
    auto addresses = co_await resolve();
    if (!addresses || !done_) co_return;
    phase_ = "connecting to " + hop_;
    auto socket = co_await race(interleave(*addresses));
    if (!socket || !done_) co_return;
    boost::system::error_code ignored;
    socket->set_option(tcp::no_delay{true}, ignored);
    opening_ = std::make_unique<connection>(std::move(*socket), tls_, to_);
    if (!proxy_.empty()) {
        phase_ = "waiting for " + hop_ + " to open a tunnel to " + to_->authority;
        auto const opened = co_await tunnel();
        if (!opened || !done_) co_return;
    }
    phase_ = "the TLS handshake with " + to_->authority;
    co_await handshake();
}

asio::awaitable<std::optional<endpoints>> dialer::resolve() {
    boost::system::error_code ec;
    auto const& host = proxy_.empty() ? to_->host : proxy_.host();
    auto const& port = proxy_.empty() ? to_->port : proxy_.port();
    auto const address = asio::ip::make_address(host, ec);
    if (!ec) {
        co_return endpoints{tcp::endpoint{address, static_cast<std::uint16_t>(std::stoul(port))}};
    }
    auto found = co_await resolver_.resolve(host, port);
    if (!found.ec && !found.addresses.empty()) co_return std::move(found.addresses);
    fail(errc::connect_failed, "cannot resolve " + hop_ + ": " + found.ec.message());
    co_return std::nullopt;
}

asio::awaitable<std::optional<asio::ip::tcp::socket>> dialer::race(endpoints addresses) {
    // Shared with the handlers, which may outlive this coroutine's interest.
    struct state {
        std::optional<tcp::socket> winner;
        std::size_t pending = 0;
        boost::system::error_code last_error;
    };
    auto const shared = std::make_shared<state>();

    for (std::size_t next = 0; done_ && !shared->winner;) {
        if (next < addresses.size()) {
            auto const attempt = attempts_.emplace_back(std::make_shared<tcp::socket>(executor_));
            ++shared->pending;
            attempt->async_connect(
                addresses[next++],
                asio::bind_executor(strand_, [self = shared_from_this(), shared,
                                              attempt](boost::system::error_code ec) {
                    --shared->pending;
                    if (ec) {
                        shared->last_error = ec;
                    } else if (!shared->winner) {
                        shared->winner = std::move(*attempt);
                    }
                    self->progress_.cancel();
                }));
        } else if (shared->pending == 0) {
            fail(errc::connect_failed,
                 "cannot connect to " + hop_ + ": " + shared->last_error.message());
            break;
        }
        if (next < addresses.size()) {
            progress_.expires_after(attempt_delay);
        } else {
            progress_.expires_at(std::chrono::steady_clock::time_point::max());
        }
        boost::system::error_code ignored;
        co_await progress_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    // Those that lost would go on for minutes, and keep the context running.
    boost::system::error_code ignored;
    for (auto const& each : attempts_) each->close(ignored);
    attempts_.clear();
    co_return std::move(shared->winner);
}

asio::awaitable<bool> dialer::tunnel() {
    auto const refused = co_await open_tunnel(opening_->tls().socket(), proxy_, *to_);
    if (refused) fail(errc::connect_failed, hop_ + ' ' + refused->why, refused->stays);
    co_return !refused;
}

asio::awaitable<void> dialer::handshake() {
    auto& stream = opening_->tls();
    auto const ec = co_await stream.handshake();
    if (!done_) co_return;
    if (ec) {
        auto const verdict = verification_failure(stream.native_handle());
        fail(errc::tls_failed,
             "TLS handshake with " + to_->authority + ": " +
                 (verdict.empty() ? ec.message() : "certificate not accepted: " + verdict),
             is_verdict(ec));
        co_return;
    }
    dialed result;
    result.resumed = SSL_session_reused(stream.native_handle()) == 1;
    result.opened = std::move(opening_);
    finish(std::move(result));
}

void dialer::abandon() {
    asio::post(strand_, [self = shared_from_this()] {
        dialed given_up;
        given_up.failure = error{errc::closed, "nobody waits for the connection any more"};
        given_up.abandoned = true;
        self->finish(std::move(given_up));
        self->stop();
    });
}

void dialer::on_timeout() {
    fail(errc::timed_out, phase_ + " took longer than " + std::to_string(timeout_.count()) + " ms");
    stop();
}

void dialer::stop() {
    boost::system::error_code ignored;
    resolver_.cancel();
    for (auto const& each : attempts_) each->close(ignored);
    if (opening_) opening_->tls().socket().close(ignored);
    progress_.cancel();
}

void dialer::fail(errc code, std::string detail, bool refused) {
    dialed result;
    result.failure = error{code, std::move(detail)};
    result.refused = refused;
    finish(std::move(result));
}

void dialer::fail(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (exception const& failure) {
        fail(static_cast<errc>(failure.code().value()), failure.reason().detail());
    } catch (std::exception const& failure) {
        fail(errc::connect_failed, failure.what());
    }
}

void dialer::finish(dialed result) {
    timer_.cancel();
    if (auto const done = std::exchange(done_, nullptr)) done(std::move(result));
}

}  // namespace cloudflare::inline v0::http
