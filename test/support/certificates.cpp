#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace cloudflare::test {

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL cannot mint a certificate");
}

key_ptr make_key(int rsa_bits = 0) {
    key_ptr key{rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(rsa_bits)) : EVP_EC_gen("P-256"),
                &EVP_PKEY_free};
    require(key != nullptr);
    return key;
}

/// `issuer` is null for a certificate that signs itself.
x509_ptr mint(char const* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
              certificate_request const& wanted,
              std::vector<std::pair<int, std::string>> const& extensions) {
    x509_ptr made{X509_new(), &X509_free};
    auto* const x = made.get();
    require(x && X509_set_version(x, 2));
    std::unique_ptr<BIGNUM, decltype(&BN_free)> const serial{BN_new(), &BN_free};
    require(BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
    require(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(x)));
    auto const seconds = [](std::chrono::hours from_now) {
        return static_cast<long>(std::chrono::seconds{from_now}.count());
    };
    require(X509_gmtime_adj(X509_getm_notBefore(x), seconds(wanted.valid_from)));
    require(X509_gmtime_adj(X509_getm_notAfter(x), seconds(wanted.valid_until)));
    auto const* const text = reinterpret_cast<unsigned char const*>(name);
    require(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, text, -1, -1, 0));
    require(X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x)));
    require(X509_set_pubkey(x, key));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer : x, x, nullptr, nullptr, 0);
    for (auto const& [id, value] : extensions) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
        require(extension && X509_add_ext(x, extension, -1));
        X509_EXTENSION_free(extension);
    }
    require(X509_sign(x, issuer_key ? issuer_key : key,
                      wanted.by_sha1 ? EVP_sha1() : EVP_sha256()) > 0);
    return made;
}

template <class Write>
std::string to_pem(Write write) {
    std::unique_ptr<BIO, decltype(&BIO_free_all)> const memory{BIO_new(BIO_s_mem()), &BIO_free_all};
    require(write(memory.get()));
    char* text = nullptr;
    auto const size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
    return to_pem([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
    return to_pem([key](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

}  // namespace

struct authority::state {
    key_ptr key = make_key();
    x509_ptr root{mint("Test CA", key.get(), nullptr, nullptr, {},
                       {{NID_basic_constraints, "critical,CA:TRUE"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}})};
    std::string pem = to_pem(root.get());
};

authority::authority() : state_{std::make_shared<state const>()} {}

std::string const& authority::certificate() const noexcept {
    return state_->pem;
}

identity authority::issue(certificate_request const& wanted) const {
    auto const key = make_key(wanted.rsa_bits);
    // A name that clients must not look at (RFC 9525, section 2).
    auto const made = mint("localhost", key.get(), state_->root.get(), state_->key.get(), wanted,
                           {{NID_basic_constraints, "critical,CA:FALSE"},
                            {NID_ext_key_usage, wanted.is_client ? "clientAuth" : "serverAuth"},
                            {NID_subject_alt_name, wanted.names},
                            {NID_authority_key_identifier, "keyid:always"}});
    return {to_pem(made.get()), to_pem(key.get())};
}

identity self_signed(certificate_request const& wanted) {
    auto const key = make_key(wanted.rsa_bits);
    auto const made = mint("test server", key.get(), nullptr, nullptr, wanted,
                           {{NID_basic_constraints, "critical,CA:FALSE"},
                            {NID_ext_key_usage, "serverAuth"},
                            {NID_subject_alt_name, wanted.names}});
    return {to_pem(made.get()), to_pem(key.get())};
}

authority const& trusted_authority() {
    static authority const instance;
    return instance;
}

}  // namespace cloudflare::test
