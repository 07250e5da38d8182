#pragma once

#include "http/origin.hpp"

#include <cloudflare/client_options.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>

#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cloudflare::inline v0::http {

/// The TLS settings of connections, and the sessions that may be resumed. Loading the system's
/// trust store takes tens of milliseconds, so clients of equal settings share one.
class tls_context {
public:
    /// @throws exception with `errc::tls_failed` when a certificate or key cannot be used.
    static std::shared_ptr<tls_context> shared(tls_options const& options);

    explicit tls_context(tls_options const& options);

    boost::asio::ssl::context& context() noexcept { return context_; }

    /// Prepares a new connection: server name, verification of the host, a session to resume.
    /// `to` must outlive the connection.
    void prepare(SSL* connection, origin const& to);

private:
    struct free_session {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };
    using session = std::unique_ptr<SSL_SESSION, free_session>;
    struct kept_session {
        session resumable;
        std::time_t until;  ///< a later connection must verify the server's certificate anew
    };

    void load(tls_options const& options);
    static int on_new_session(SSL* connection, SSL_SESSION* session);
    kept_session session_to_resume(std::string const& authority);

    boost::asio::ssl::context context_;
    std::mutex mutex_;
    std::map<std::string, std::vector<kept_session>, std::less<>> sessions_;
};

/// Why the server's certificate was not accepted; empty when it was.
std::string verification_failure(SSL* connection);

/// Whether a handshake failed by what one side said, rather than by the connection: no common
/// version or cipher, no TLS at all. Trying again cannot help.
bool is_verdict(boost::system::error_code ec) noexcept;

/// Whether it is the server's refusal of the client's certificate, or of its absence. In TLS 1.3
/// that comes when the handshake is over for the client, and a request may be on its way, which the
/// server then drops unread.
bool is_refusal_of_client(boost::system::error_code ec) noexcept;

}  // namespace cloudflare::inline v0::http
