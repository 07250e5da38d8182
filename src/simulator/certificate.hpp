#pragma once

#include <string>

namespace cloudflare::inline v0::simulator {

/// A CA and a server certificate that it signed, all PEM. The CA's key is forgotten.
struct minted_certificates {
    std::string ca;
    std::string server;
    std::string server_key;
};

/// Mints them for 127.0.0.1, ::1 and localhost, with keys on P-256.
minted_certificates mint_certificates();

}  // namespace cloudflare::inline v0::simulator
