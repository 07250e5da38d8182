#pragma once

#include <cloudflare/result.hpp>

#include <string>
#include <string_view>

namespace cloudflare::http {

/// Where the API is: the parts of the base URL.
struct endpoint {
    std::string host;       ///< name or IP address, without brackets
    std::string port;       ///< decimal
    std::string authority;  ///< as it goes into `Host`
    std::string prefix;     ///< path before each target, without a slash at the end
    bool is_address = false;
};

/// Takes a base URL apart; `errc::invalid_argument` unless it is `https://host[:port][/path]`.
result<endpoint> parse_base_url(std::string_view url);

}  // namespace cloudflare::http
