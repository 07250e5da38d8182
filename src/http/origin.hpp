#pragma once

#include <cloudflare/result.hpp>

#include <boost/url/url_view.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::http {

/// Where the API is: the parts of the base URL.
struct origin {
    std::string host;       ///< name or IP address, without brackets
    std::string port;       ///< decimal
    std::string authority;  ///< as it goes into `Host`
    std::string prefix;     ///< path before each target, without a slash at the end
    bool is_address = false;
};

/// The host and port of a URL, without its path. The error's detail says what is wrong with them
/// and is the rest of a sentence; it does not repeat the URL, which may hold a password.
result<origin> origin_of(boost::urls::url_view const& url, std::uint16_t default_port);

/// Takes a base URL apart; `errc::invalid_argument` unless it is `https://host[:port][/path]`.
result<origin> parse_base_url(std::string_view url);

}  // namespace cloudflare::inline v0::http
