#include "quota_store/redis_tls.hpp"

#ifdef CLOUDFLARE_REDIS_TLS

#include <boost/asio/ip/address.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <memory>

namespace cloudflare::inline v0 {

namespace {

struct deleter {
    void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
    void operator()(SSL* session) const noexcept { ::SSL_free(session); }
};

error failure(char const* why) {
    return error{errc::quota_unavailable, std::string{"TLS with the store: "} + why};
}

}  // namespace

bool has_redis_tls() noexcept {
    return true;
}

result<void> begin_tls(redisContext& connection, quota_store_options const& options) {
    std::unique_ptr<SSL_CTX, deleter> const context{::SSL_CTX_new(::TLS_client_method())};
    if (!context || ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
        ::SSL_CTX_set_default_verify_paths(context.get()) != 1) {
        return failure("cannot be set up");
    }
    if (!options.ca_file().empty() &&
        ::SSL_CTX_load_verify_locations(context.get(), options.ca_file().c_str(), nullptr) != 1) {
        return failure("cannot read the certificates to trust");
    }
    std::unique_ptr<SSL, deleter> session{::SSL_new(context.get())};
    if (!session) return failure("cannot be set up");
    ::SSL_set_verify(session.get(), SSL_VERIFY_PEER, nullptr);
    boost::system::error_code is_name;
    (void)boost::asio::ip::make_address(options.host(), is_name);
    // hiredis checks the chain only.
    bool const is_named =
        is_name ? ::SSL_set_tlsext_host_name(session.get(), options.host().c_str()) == 1 &&
                      ::SSL_set1_host(session.get(), options.host().c_str()) == 1
                : ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session.get()),
                                                  options.host().c_str()) == 1;
    if (!is_named) return failure("cannot be set up");
    if (::redisInitiateSSL(&connection, session.get()) != REDIS_OK) {
        return failure(connection.errstr);
    }
    (void)session.release();  // the connection's now
    return {};
}

}  // namespace cloudflare::inline v0

#else

namespace cloudflare::inline v0 {

bool has_redis_tls() noexcept {
    return false;
}

result<void> begin_tls(redisContext&, quota_store_options const&) {
    return error{errc::quota_unavailable, "this build cannot speak TLS with the store"};
}

}  // namespace cloudflare::inline v0

#endif
