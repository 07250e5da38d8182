#include "http/origin.hpp"

#include <boost/url/parse.hpp>

#include <charconv>
#include <system_error>

namespace cloudflare::inline v0::http {

result<origin> origin_of(boost::urls::url_view const& url, std::uint16_t default_port) {
    auto const refused = [](char const* why) { return error{errc::invalid_argument, why}; };
    if (url.encoded_host().find('%') != std::string_view::npos) {
        return refused("has a percent-encoded host");
    }
    if (url.host().empty()) return refused("has no host");
    if (url.has_query() || url.has_fragment()) return refused("must not have a query or fragment");
    auto port = default_port;
    if (url.has_port()) {
        std::string_view const digits{url.port().data(), url.port().size()};
        auto const* const end = digits.data() + digits.size();
        auto const read = std::from_chars(digits.data(), end, port);
        if (read.ec != std::errc{} || read.ptr != end || port == 0) {
            return refused("has an invalid port");
        }
    }
    origin to;
    to.host = url.host_address();
    to.is_address = url.host_type() != boost::urls::host_type::name;
    to.port = std::to_string(port);
    to.authority = url.encoded_host();
    if (port != default_port) to.authority += ":" + to.port;
    return to;
}

result<origin> parse_base_url(std::string_view text) {
    auto const refused = [](std::string const& why) {
        return error{errc::invalid_argument, "base URL " + why};
    };
    auto const parsed = boost::urls::parse_uri(text);
    // Boost.URL ends a port where its digits end, and takes the rest for a path.
    auto const has_sound_path = [](std::string_view path) {
        return path.empty() || path.front() == '/';
    };
    if (!parsed || !has_sound_path(parsed->encoded_path())) {
        return refused("is malformed; it looks like https://host[:port]/path");
    }
    auto const& url = *parsed;
    if (url.scheme_id() != boost::urls::scheme::https) return refused("must begin with https://");
    if (url.has_userinfo()) return refused("must not hold credentials");
    auto to = origin_of(url, 443);
    if (!to) return refused(to.error().detail());
    to->prefix = url.encoded_path();
    while (to->prefix.ends_with('/')) to->prefix.pop_back();
    return to;
}

}  // namespace cloudflare::inline v0::http
