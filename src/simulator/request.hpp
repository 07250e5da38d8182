#pragma once

#include <string>

namespace cloudflare::inline v0::simulator {

/// A request as far as the API looks at it.
struct request {
    std::string method;
    std::string target;
    std::string body;
    /// Header fields; empty when absent.
    std::string authorization;
    std::string auth_email;
    std::string auth_key;
    std::string content_type;
    /// The body was over the limit and has not been read.
    bool too_large = false;
};

}  // namespace cloudflare::inline v0::simulator
