#pragma once

#include <cloudflare/credentials.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/leasing_rate_limiter.hpp>
#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// One quota for the processes of a user, on one host or on many: a rate limiter whose quota is
/// kept where all of them find it. `docs/quota.md` says how, and what happens when it is away.
///
///     client_options options{credentials::api_token(token)};
///     options.rate_limiter(make_quota_store(executor, options.credentials(),
///                                           quota_store_options{"redis://10.0.0.1:6379/2"}));
namespace cloudflare::inline v0 {

/// What happened between a limiter and its store.
struct quota_store_event {
    /// What may happen.
    enum class kind {
        away,  ///< the store does not answer: from now on the process keeps to its share
        back,  ///< the store answers again
    };
    kind what{};              ///< what happened
    std::string_view reason;  ///< of `away`; never has a secret; valid only during the call
};

/// Called on the limiter's executor; must be quick and must not throw.
using quota_store_hook = std::function<void(quota_store_event const&)>;

/// Counters since the limiter was made.
struct quota_store_metrics {
    std::uint64_t exchanges = 0;   ///< with the store, those that failed included
    std::uint64_t failures = 0;    ///< of which failed
    std::uint64_t times_away = 0;  ///< how often the store went away
    bool is_away = false;          ///< whether it does not answer
    std::uint64_t leased = 0;  ///< requests that the store has granted
    std::uint64_t own = 0;     ///< requests that were granted of the process's share
};

/// Where a quota is kept, and what is assumed of it.
class CLOUDFLARE_EXPORT quota_store_options {
public:
    /// The address is one of:
    ///
    /// - `redis://[[USER:]PASSWORD@]HOST[:PORT][/DATABASE]`: a Redis server, 5 or newer; `rediss`
    ///   with TLS, where the library was built with hiredis's TLS
    /// - `unix:PATH`, `redis+unix://[[USER:]PASSWORD@]PATH[?db=DATABASE]`: one on a Unix socket
    /// - `file:PATH`: a file for the processes of one host, which is made when it is not there
    ///
    /// User and password are percent-encoded.
    /// @throws exception with `errc::invalid_argument` when it is none of these; no part of it is
    /// repeated.
    explicit quota_store_options(std::string_view address);

    /// The quota, until the server's answers say better: requests, window and reserve are heeded.
    /// All who share a store must say the same. Default: Cloudflare's.
    quota_store_options& quota(rate_limit_options value) {
        quota_ = value;
        return *this;
    }
    /// Among how many processes the quota is divided while the store is away; default 8, at least
    /// 1. More of them than this may exceed it then.
    quota_store_options& expected_processes(std::uint64_t value) {
        expected_processes_ = value;
        return *this;
    }
    /// Whose quota it is, for users who have several tokens, which share one: any text, that all of
    /// them give. By default each credential has a quota of its own.
    quota_store_options& user(std::string value) {
        user_ = std::move(value);
        return *this;
    }
    /// Certificates (PEM) that are trusted for TLS beside the system's.
    quota_store_options& ca_file(std::string value) {
        ca_file_ = std::move(value);
        return *this;
    }
    /// Tells when the store goes away and comes back.
    quota_store_options& on_event(quota_store_hook value) {
        on_event_ = std::move(value);
        return *this;
    }

    /// Whether the address has a user or a password.
    bool has_login() const noexcept { return !password_.empty() || !login_.empty(); }
    /// The address without them, for messages.
    std::string describe() const;

    rate_limit_options const& quota() const noexcept { return quota_; }
    std::uint64_t expected_processes() const noexcept { return expected_processes_; }
    std::string const& user() const noexcept { return user_; }
    std::string const& ca_file() const noexcept { return ca_file_; }
    quota_store_hook const& on_event() const noexcept { return on_event_; }

    /// What kind of store it is.
    enum class place { redis, redis_socket, file };
    place kind() const noexcept { return kind_; }
    /// Of a file or a socket.
    std::string const& path() const noexcept { return path_; }
    std::string const& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    bool uses_tls() const noexcept { return uses_tls_; }
    unsigned database() const noexcept { return database_; }
    /// Do not print these.
    std::string const& login() const noexcept { return login_; }
    std::string const& password() const noexcept { return password_; }

private:
    place kind_ = place::redis;
    std::string path_;
    std::string host_;
    std::uint16_t port_ = 6379;
    bool uses_tls_ = false;
    unsigned database_ = 0;
    std::string login_;
    std::string password_;
    rate_limit_options quota_;
    std::uint64_t expected_processes_ = 8;
    std::string user_;
    std::string ca_file_;
    quota_store_hook on_event_;
};

/// A limiter that leases requests of a quota which is kept for all processes of a user, and tells
/// there what the answers say. `flush` it at the end of a program: what it has leased and not used
/// then goes to the others; otherwise it is lost until the window ends.
///
/// It waits for the store for a tenth of a second at most. When the store does not answer, the
/// process keeps to a share of the quota, without the store, and tries it again every second.
class CLOUDFLARE_EXPORT quota_store : public leasing_rate_limiter {
public:
    /// May be called from any thread.
    virtual quota_store_metrics metrics() const = 0;

protected:
    using leasing_rate_limiter::leasing_rate_limiter;
};

/// Connects to nothing yet. The executor's context must outlive the limiter.
/// @throws exception with `errc::invalid_argument` when the quota is unlimited, when there are no
/// credentials, or when this build lacks what the address needs.
CLOUDFLARE_EXPORT std::shared_ptr<quota_store> make_quota_store(
    boost::asio::any_io_executor executor, credentials const& of, quota_store_options options);

}  // namespace cloudflare::inline v0
