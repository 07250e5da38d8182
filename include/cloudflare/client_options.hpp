#pragma once

#include <cloudflare/credentials.hpp>
#include <cloudflare/detail/callable.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/event.hpp>
#include <cloudflare/proxy.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace cloudflare::inline v0 {

/// How failed attempts are repeated: exponential backoff with full jitter, inside the call's
/// timeout. `Retry-After` of the server is always obeyed.
///
/// Reads, edits, replacements and deletes are sent again, as doing them twice does no harm. A POST,
/// and a DELETE that answers what it deleted, is sent again only if no byte of it left or the
/// server said that it did not do it; a create also when it was looked up and is not there. 303
/// means that it is done: it is looked up, and never sent again.
class retry_options {
public:
    retry_options() noexcept {}

    /// Attempts after the first; default 4, at least 0. Those that follow a 429 do not count, as it
    /// was the quota that refused and not the request that failed; but with 0 there are none.
    retry_options& max_retries(int value) {
        max_retries_ = value;
        return *this;
    }
    /// The backoff before retry n is random in [0, min(cap, base * 2^n)); defaults 500 ms and 8 s.
    /// The cap is also how long a create whose answer was lost may be under way at the server,
    /// before it is looked up. What the server does later than that may be there twice.
    retry_options& backoff(std::chrono::milliseconds base, std::chrono::milliseconds cap) {
        base_ = base;
        cap_ = cap;
        return *this;
    }

    /// What retries of all calls together are paid from, so that an outage is not amplified: so
    /// many tokens, default 500. A retry costs 5, after a timeout 10, and each call that succeeds
    /// gives one back. It costs nothing after a 429, when a connection turned out to have been
    /// closed by the server, and when nothing was sent, as with a server that cannot be reached. A
    /// call that cannot pay fails with `errc::retry_budget_exhausted`. At least 0, with which only
    /// those free ones are left.
    retry_options& budget(int tokens) {
        budget_ = tokens;
        return *this;
    }

    int max_retries() const noexcept { return max_retries_; }
    int budget() const noexcept { return budget_; }
    std::chrono::milliseconds backoff_base() const noexcept { return base_; }
    std::chrono::milliseconds backoff_cap() const noexcept { return cap_; }

private:
    int max_retries_ = 4;
    int budget_ = 500;
    std::chrono::milliseconds base_{500};
    std::chrono::milliseconds cap_ = std::chrono::seconds{8};
};

/// The connections of a client. They are opened when needed and never pinged.
///
/// As long as one connection lives, a call that waits for another goes on waiting when that cannot
/// be opened. Attempts to open one that fail back off together: after the first, which are as many
/// as calls wait, they begin one at a time, 25 to 50 ms later, then after twice as long, up to 250
/// to 500 ms. The first answer over a new connection ends that.
class pool_options {
public:
    pool_options() noexcept {}

    /// Connections at most, idle ones included; default 8, at least 1. Attempts beyond wait, first
    /// come, first served.
    pool_options& max_connections(std::size_t value) {
        max_connections_ = value;
        return *this;
    }
    /// A connection that has been idle for so long is closed; default 55 s, under the minute after
    /// which common servers close. It is looked at while calls are made: after the last one, what
    /// is idle stays open until the next, or until the client is closed or gone.
    pool_options& idle_timeout(std::chrono::milliseconds value) {
        idle_timeout_ = value;
        return *this;
    }
    /// A connection is not used again so long after it was opened; default 10 minutes, so that a
    /// change of DNS is followed.
    pool_options& max_lifetime(std::chrono::milliseconds value) {
        max_lifetime_ = value;
        return *this;
    }
    /// For name resolution, TCP connect and TLS handshake together; default 10 s.
    pool_options& connect_timeout(std::chrono::milliseconds value) {
        connect_timeout_ = value;
        return *this;
    }
    /// For one attempt on an open connection, from the first byte sent to the last byte received;
    /// default 30 s.
    pool_options& exchange_timeout(std::chrono::milliseconds value) {
        exchange_timeout_ = value;
        return *this;
    }
    /// The size of an answer's header; default 64 KiB.
    pool_options& max_header_size(std::size_t bytes) {
        max_header_size_ = bytes;
        return *this;
    }
    /// The size of an answer's body; default 64 MiB.
    pool_options& max_body_size(std::size_t bytes) {
        max_body_size_ = bytes;
        return *this;
    }

    std::size_t max_connections() const noexcept { return max_connections_; }
    std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
    std::chrono::milliseconds max_lifetime() const noexcept { return max_lifetime_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    std::chrono::milliseconds exchange_timeout() const noexcept { return exchange_timeout_; }
    std::size_t max_header_size() const noexcept { return max_header_size_; }
    std::size_t max_body_size() const noexcept { return max_body_size_; }

private:
    std::size_t max_connections_ = 8;
    std::chrono::milliseconds idle_timeout_ = std::chrono::seconds{55};
    std::chrono::milliseconds max_lifetime_ = std::chrono::minutes{10};
    std::chrono::milliseconds connect_timeout_ = std::chrono::seconds{10};
    std::chrono::milliseconds exchange_timeout_ = std::chrono::seconds{30};
    std::size_t max_header_size_ = 64 * 1024;
    std::size_t max_body_size_ = 64 * 1024 * 1024;
};

/// What is trusted and shown in TLS. Version 1.2 at least, with forward secrecy and authenticated
/// encryption (RFC 9325), keys and signatures of 112 bits of security; certificate chain and host
/// name are verified. No option turns that off. Whether a certificate was revoked is not checked.
class tls_options {
public:
    tls_options() noexcept {}

    /// Certificates (PEM, several may follow each other) that are trusted beside the system's.
    tls_options& extra_ca(std::string pem) {
        extra_ca_ = std::move(pem);
        return *this;
    }
    /// Whether the system's trust store counts; default true.
    tls_options& system_trust(bool value) {
        system_trust_ = value;
        return *this;
    }
    /// A certificate chain and its private key (PEM) that the client shows when asked.
    tls_options& client_certificate(std::string chain_pem, std::string key_pem) {
        client_chain_ = std::move(chain_pem);
        client_key_ = std::move(key_pem);
        return *this;
    }

    std::string const& extra_ca() const noexcept { return extra_ca_; }
    bool system_trust() const noexcept { return system_trust_; }
    std::string const& client_chain() const noexcept { return client_chain_; }
    std::string const& client_key() const noexcept { return client_key_; }

private:
    std::string extra_ca_;
    bool system_trust_ = true;
    std::string client_chain_;
    std::string client_key_;
};

/// Everything a client is made from. Only the credentials have no default.
class CLOUDFLARE_EXPORT client_options {
public:
    client_options() = default;
    /// With these credentials, and defaults for all else.
    explicit client_options(cloudflare::credentials value) : credentials_{std::move(value)} {}

    /// Reads `CLOUDFLARE_API_TOKEN`, or `CLOUDFLARE_EMAIL` with `CLOUDFLARE_API_KEY`,
    /// `CLOUDFLARE_BASE_URL`, and the proxy: `HTTPS_PROXY` or `https_proxy`, with the exceptions in
    /// `NO_PROXY` or `no_proxy`; localhost and loopback addresses are always among these. A token
    /// wins over a key, a name in capitals over one in small letters. Unset and empty are the same;
    /// with no credentials at all the client's constructor throws.
    /// @throws exception with `errc::invalid_argument` when a value is malformed.
    static client_options from_environment();

    /// Whom the API is to know; there must be some.
    client_options& credentials(cloudflare::credentials value) {
        credentials_ = std::move(value);
        return *this;
    }
    /// `https://host[:port]/path`; default `https://api.cloudflare.com/client/v4`. Plain HTTP is
    /// refused, as it would show the credentials to the network.
    client_options& base_url(std::string value) {
        base_url_ = std::move(value);
        return *this;
    }
    /// Default time for a whole call, waiting for the quota included; default 10 minutes, as a
    /// block by the quota lasts five.
    client_options& timeout(std::chrono::milliseconds value) {
        timeout_ = value;
        return *this;
    }
    /// Put before the library's own product in `User-Agent`, e.g. `my-feed-pusher/2.1`.
    client_options& user_agent(std::string value) {
        user_agent_ = std::move(value);
        return *this;
    }
    /// How failed attempts are repeated.
    client_options& retry(retry_options value) {
        retry_ = value;
        return *this;
    }
    /// The connections, and limits of an answer.
    client_options& pool(pool_options value) {
        pool_ = value;
        return *this;
    }
    /// What is trusted, and shown, in TLS.
    client_options& tls(tls_options value) {
        tls_ = std::move(value);
        return *this;
    }
    /// The way to the API; by default direct.
    client_options& proxy(cloudflare::proxy value) {
        proxy_ = std::move(value);
        return *this;
    }
    /// What the limiter assumes that the client makes for itself.
    client_options& rate_limit(rate_limit_options value) {
        rate_limit_ = value;
        return *this;
    }
    /// A limiter shared with other clients, instead of one made from `rate_limit`.
    client_options& rate_limiter(std::shared_ptr<cloudflare::rate_limiter> value) {
        rate_limiter_ = std::move(value);
        return *this;
    }
    /// Receives what happens inside; none by default.
    client_options& on_event(event_hook value) {
        on_event_ = std::move(value);
        return *this;
    }
    /// Of a temporary with captures GCC 12 takes it only as a statement of its own.
    template <std::convertible_to<event_hook> Hook>
    requires(!std::same_as<std::remove_cvref_t<Hook>, event_hook>)
        detail::setter_result<client_options, Hook> on_event(Hook&& value) {
        on_event_ = std::forward<Hook>(value);
        if constexpr (!detail::is_destroyed_twice<Hook>())
            return *this;
        else
            return {};
    }

    cloudflare::credentials const& credentials() const noexcept { return credentials_; }
    std::string const& base_url() const noexcept { return base_url_; }
    std::chrono::milliseconds timeout() const noexcept { return timeout_; }
    std::string const& user_agent() const noexcept { return user_agent_; }
    retry_options const& retry() const noexcept { return retry_; }
    pool_options const& pool() const noexcept { return pool_; }
    tls_options const& tls() const noexcept { return tls_; }
    cloudflare::proxy const& proxy() const noexcept { return proxy_; }
    rate_limit_options const& rate_limit() const noexcept { return rate_limit_; }
    std::shared_ptr<cloudflare::rate_limiter> const& rate_limiter() const noexcept {
        return rate_limiter_;
    }
    event_hook const& on_event() const noexcept { return on_event_; }

private:
    cloudflare::credentials credentials_;
    std::string base_url_ = "https://api.cloudflare.com/client/v4";
    std::chrono::milliseconds timeout_ = std::chrono::minutes{10};
    std::string user_agent_;
    retry_options retry_;
    pool_options pool_;
    tls_options tls_;
    cloudflare::proxy proxy_;
    rate_limit_options rate_limit_;
    std::shared_ptr<cloudflare::rate_limiter> rate_limiter_;
    event_hook on_event_;
};

}  // namespace cloudflare::inline v0
