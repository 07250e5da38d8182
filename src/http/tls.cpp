#include "http/tls.hpp"

#include <boost/asio/buffer.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>

namespace cloudflare::inline v0::http {

namespace {

// TLS 1.3 sessions are good for one connection each, so as many as a pool may want are kept.
constexpr std::size_t max_sessions_per_host = 64;

// A resumed connection does not show its certificate again, and brings tickets for further ones.
// What has been revoked, or replaced, meanwhile is noticed after so long.
constexpr std::time_t longest_trust = 4 * 60 * 60;

/// Seconds until a time; none when it cannot be told.
std::time_t seconds_until(ASN1_TIME const* when) {
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, when) != 1) return 0;
    return std::time_t{days} * 24 * 60 * 60 + seconds;
}

/// How long the certificates are still valid that a server has shown, and were verified.
std::time_t validity_of(SSL* connection) {
    auto shortest = longest_trust;
    auto* const chain = SSL_get0_verified_chain(connection);
    if (!chain) return 0;
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        auto const* const each = X509_get0_notAfter(sk_X509_value(chain, i));
        shortest = std::min(shortest, seconds_until(each));
    }
    return shortest;
}

/// Where a connection keeps until when its session may be trusted, if that is an earlier one.
int trust_index() {
    static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// Where a connection keeps what `on_new_session` needs.
int origin_index() {
    static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}
int context_index() {
    static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

[[noreturn]] void refuse(std::string const& what, boost::system::error_code ec) {
    throw exception{error{errc::tls_failed, what + ": " + ec.message()}};
}

}  // namespace

std::shared_ptr<tls_context> tls_context::shared(tls_options const& options) {
    using key = std::tuple<bool, std::string, std::string>;
    static std::mutex mutex;
    static std::map<key, std::weak_ptr<tls_context>> known;

    // Client keys are secrets that should not stay in a table.
    if (!options.client_key().empty()) return std::make_shared<tls_context>(options);
    std::lock_guard const lock{mutex};
    std::erase_if(known, [](auto const& each) { return each.second.expired(); });
    auto& entry = known[key{options.system_trust(), options.extra_ca(), options.client_chain()}];
    auto context = entry.lock();
    if (!context) entry = context = std::make_shared<tls_context>(options);
    return context;
}

tls_context::tls_context(tls_options const& options)
    : context_{boost::asio::ssl::context::tls_client} {
    load(options);
    auto* const native = context_.native_handle();
    // Said here, so that nothing depends on the system's configuration of OpenSSL.
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_security_level(native, 2);
    // RFC 9325, section 4.2: forward secrecy and authenticated encryption. TLS 1.3 has no others.
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    static constexpr std::array<unsigned char, 9> http_1_1{8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(native, http_1_1.data(), http_1_1.size());
    SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A record in one step, not its five bytes of header first.
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_ex_data(native, context_index(), this);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, &tls_context::on_new_session);
}

void tls_context::load(tls_options const& options) {
    boost::system::error_code ec;
    context_.set_verify_mode(boost::asio::ssl::verify_peer);
    if (options.system_trust()) {
        context_.set_default_verify_paths(ec);
        if (ec) refuse("the system's trust store", ec);
    }
    if (!options.extra_ca().empty()) {
        context_.add_certificate_authority(boost::asio::buffer(options.extra_ca()), ec);
        if (ec) refuse("the extra CA certificates", ec);
    }
    if (options.client_chain().empty() != options.client_key().empty()) {
        throw exception{
            error{errc::invalid_argument, "a client certificate and its key go together"}};
    }
    if (!options.client_chain().empty()) {
        context_.use_certificate_chain(boost::asio::buffer(options.client_chain()), ec);
        if (ec) refuse("the client certificate", ec);
        context_.use_private_key(boost::asio::buffer(options.client_key()),
                                 boost::asio::ssl::context::pem, ec);
        if (ec) refuse("the client's key", ec);
    }
}

void tls_context::prepare(SSL* connection, origin const& to) {
    bool checks_host = false;
    if (to.is_address) {
        checks_host =
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), to.host.c_str()) == 1;
    } else {
        SSL_set_tlsext_host_name(connection, to.host.c_str());
        // RFC 9525, sections 2 and 6.3.
        SSL_set_hostflags(
            connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        checks_host = SSL_set1_host(connection, to.host.c_str()) == 1;
    }
    if (!checks_host) throw exception{error{errc::tls_failed, "cannot verify the host's name"}};
    SSL_set_ex_data(connection, origin_index(), const_cast<origin*>(&to));

    auto const earlier = session_to_resume(to.authority);
    if (!earlier.resumable) return;
    SSL_set_session(connection, earlier.resumable.get());
    static_assert(sizeof(std::time_t) <= sizeof(void*));
    SSL_set_ex_data(connection, trust_index(),
                    reinterpret_cast<void*>(static_cast<std::uintptr_t>(earlier.until)));
}

tls_context::kept_session tls_context::session_to_resume(std::string const& authority) {
    kept_session found{};
    std::lock_guard const lock{mutex_};
    auto const of_host = sessions_.find(authority);
    if (of_host == sessions_.end()) return found;
    auto& kept = of_host->second;
    auto const now = std::time(nullptr);
    std::erase_if(kept, [now](kept_session const& each) { return each.until <= now; });
    if (kept.empty()) return found;
    auto& last = kept.back();
    found.until = last.until;
    // Of TLS 1.3, each is for one connection; older ones are good until the server says no.
    if (SSL_SESSION_get_protocol_version(last.resumable.get()) >= TLS1_3_VERSION) {
        found.resumable = std::move(last.resumable);
        kept.pop_back();
    } else if (SSL_SESSION_up_ref(last.resumable.get()) == 1) {
        found.resumable.reset(last.resumable.get());
    }
    return found;
}

int tls_context::on_new_session(SSL* connection, SSL_SESSION* made) {
    auto* const context = SSL_get_SSL_CTX(connection);
    auto* const self = static_cast<tls_context*>(SSL_CTX_get_ex_data(context, context_index()));
    auto const* const to = static_cast<origin const*>(SSL_get_ex_data(connection, origin_index()));
    // A resumed session is trusted for as long as the one that it comes from.
    auto const until = SSL_session_reused(connection) == 1
                           ? static_cast<std::time_t>(reinterpret_cast<std::uintptr_t>(
                                 SSL_get_ex_data(connection, trust_index())))
                           : std::time(nullptr) + validity_of(connection);
    std::lock_guard const lock{self->mutex_};
    auto& kept = self->sessions_[to->authority];
    if (kept.size() == max_sessions_per_host) kept.erase(kept.begin());
    kept.push_back({session{made}, until});
    return 1;  // the session is ours now
}

namespace {

/// The reason for an error of the protocol; an alert of the other side is one too.
int reason_of(boost::system::error_code ec) noexcept {
    return ec.category() == boost::asio::error::get_ssl_category()
               ? ERR_GET_REASON(static_cast<unsigned long>(ec.value()))
               : 0;
}

constexpr int alert(int description) noexcept {
    return SSL_AD_REASON_OFFSET + description;
}

}  // namespace

bool is_verdict(boost::system::error_code ec) noexcept {
    auto const reason = reason_of(ec);
    return reason != 0 && reason != alert(SSL_AD_INTERNAL_ERROR);
}

bool is_refusal_of_client(boost::system::error_code ec) noexcept {
    switch (reason_of(ec)) {
        case alert(SSL_AD_BAD_CERTIFICATE):
        case alert(SSL_AD_UNSUPPORTED_CERTIFICATE):
        case alert(SSL_AD_CERTIFICATE_REVOKED):
        case alert(SSL_AD_CERTIFICATE_EXPIRED):
        case alert(SSL_AD_CERTIFICATE_UNKNOWN):
        case alert(SSL_AD_UNKNOWN_CA):
        case alert(SSL_AD_ACCESS_DENIED):
        case alert(TLS13_AD_CERTIFICATE_REQUIRED):
            return true;
        default:
            return false;
    }
}

std::string verification_failure(SSL* connection) {
    auto const verdict = SSL_get_verify_result(connection);
    return verdict == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verdict);
}

}  // namespace cloudflare::inline v0::http
