#pragma once

#include "canned_transport.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cloudflare::test {

/// One call of an endpoint function, and what it must look like on the wire.
struct exchange {
    std::function<bool(world&)> call;  ///< whether it succeeded
    std::string expected;              ///< as `canned_transport::last()` gives it
    unsigned status = 200;
    std::string result = R"({"id":"4f-1"})";
};

std::vector<exchange> settings_exchanges();
std::vector<exchange> message_exchanges();
/// With all fields in their bodies and all parameters in their queries; what they look like is for
/// the API's description to tell.
std::vector<exchange> full_requests();

}  // namespace cloudflare::test
