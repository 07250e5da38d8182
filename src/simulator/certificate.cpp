#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace {

template <auto Free>
struct release {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using key_ptr = std::unique_ptr<EVP_PKEY, release<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, release<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, release<X509_EXTENSION_free>>;
using number_ptr = std::unique_ptr<BIGNUM, release<BN_free>>;
using bio_ptr = std::unique_ptr<BIO, release<BIO_free_all>>;

/// OpenSSL reports failure as null, zero or less.
template <class T>
T require(T outcome) {
    bool failed = false;
    if constexpr (std::is_pointer_v<T>) {
        failed = outcome == nullptr;
    } else {
        failed = outcome <= 0;
    }
    if (failed) {
        throw std::runtime_error(std::string{"cannot mint a certificate: "} +
                                 ERR_reason_error_string(ERR_get_error()));
    }
    return outcome;
}

struct identity {
    key_ptr key;
    certificate_ptr certificate;
};

using extensions = std::initializer_list<std::pair<int, char const*>>;

/// Makes a key and a certificate for it, signed by `issuer`, or by itself when that is null.
identity mint(char const* common_name, identity const* issuer, extensions wanted) {
    constexpr long hour = 3600;
    identity made;
    made.key.reset(require(EVP_EC_gen("P-256")));
    made.certificate.reset(require(X509_new()));
    X509* const certificate = made.certificate.get();
    identity const& signer = issuer ? *issuer : made;

    require(X509_set_version(certificate, X509_VERSION_3));
    // 159 bits at random: positive, and at most the 20 octets that RFC 5280 allows.
    number_ptr const serial(require(BN_new()));
    require(BN_rand(serial.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
    require(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)));
    // A clock that is a little slow must not fail the handshake.
    require(X509_gmtime_adj(X509_getm_notBefore(certificate), -hour));
    require(X509_gmtime_adj(X509_getm_notAfter(certificate), 365 * 24 * hour));

    X509_NAME* const name = X509_get_subject_name(certificate);
    auto const add_name = [&](char const* kind, char const* text) {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text);
        require(X509_NAME_add_entry_by_txt(name, kind, MBSTRING_UTF8, bytes, -1, -1, 0));
    };
    add_name("O", "Email Security API simulator");
    add_name("CN", common_name);
    require(X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get())));
    require(X509_set_pubkey(certificate, made.key.get()));

    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
    for (auto const& [id, value] : wanted) {
        extension_ptr const extension(require(X509V3_EXT_conf_nid(nullptr, &context, id, value)));
        require(X509_add_ext(certificate, extension.get(), -1));
    }
    require(X509_sign(certificate, signer.key.get(), EVP_sha256()));
    return made;
}

template <class Write>
std::string to_pem(Write write) {
    bio_ptr const memory(require(BIO_new(BIO_s_mem())));
    require(write(memory.get()));
    char* text = nullptr;
    long const length = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(length)};
}

std::string to_pem(X509* certificate) {
    return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

}  // namespace

minted_certificates mint_certificates() {
    identity const ca = mint("Simulator CA", nullptr,
                             {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                              {NID_key_usage, "critical,keyCertSign,cRLSign"},
                              {NID_subject_key_identifier, "hash"},
                              {NID_authority_key_identifier, "keyid:always"}});
    identity const server = mint("localhost", &ca,
                                 {{NID_basic_constraints, "critical,CA:FALSE"},
                                  {NID_key_usage, "critical,digitalSignature"},
                                  {NID_ext_key_usage, "serverAuth"},
                                  {NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost"},
                                  {NID_subject_key_identifier, "hash"},
                                  {NID_authority_key_identifier, "keyid:always"}});
    std::string key = to_pem([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, server.key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr);
    });
    return {to_pem(ca.certificate.get()), to_pem(server.certificate.get()), std::move(key)};
}

}  // namespace cloudflare::inline v0::simulator
