#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace cloudflare::test {

/// A certificate and its private key, PEM.
struct identity {
    std::string certificate;
    std::string key;
};

/// What a server's certificate says. Times are from now.
struct certificate_request {
    std::string names = "IP:127.0.0.1,DNS:localhost";
    std::chrono::hours valid_from{-1};
    std::chrono::hours valid_until{24};
    int rsa_bits = 0;      ///< 0: an elliptic curve, P-256
    bool by_sha1 = false;  ///< signed with SHA-1 instead of SHA-256
    bool is_client = false;
};

/// A certificate authority that exists for as long as the test.
class authority {
public:
    authority();

    std::string const& certificate() const noexcept;
    identity issue(certificate_request const& wanted = {}) const;

private:
    struct state;
    std::shared_ptr<state const> state_;
};

/// A certificate that signs itself.
identity self_signed(certificate_request const& wanted = {});

/// The one that the tests' clients trust unless they say otherwise.
authority const& trusted_authority();

}  // namespace cloudflare::test
