#include "http/no_proxy.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>

namespace cloudflare::inline v0::http {

namespace {

namespace ip = boost::asio::ip;

bool is_in_network(std::string_view network, ip::address const& address) {
    boost::system::error_code ec;
    if (address.is_v4()) {
        auto const range = ip::make_network_v4(network, ec);
        return !ec && ip::network_v4{address.to_v4(), range.prefix_length()}.canonical() ==
                          range.canonical();
    }
    auto const range = ip::make_network_v6(network, ec);
    return !ec &&
           ip::network_v6{address.to_v6(), range.prefix_length()}.canonical() == range.canonical();
}

bool is_name_or_below(std::string_view host, std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(1);
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.empty() || !boost::algorithm::iends_with(host, name)) return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

bool names(std::string_view entry, origin const& to) {
    if (entry == "*") return true;
    boost::system::error_code no_address;
    auto const address = ip::make_address(to.host, no_address);
    if (entry.find('/') != std::string_view::npos) {
        return !no_address && is_in_network(entry, address);
    }
    boost::system::error_code ec;
    if (auto const same = ip::make_address(entry, ec); !ec) return !no_address && same == address;
    auto const parsed = boost::urls::parse_authority(entry);
    if (!parsed || (parsed->has_port() && parsed->port() != to.port)) return false;
    auto const host = parsed->host_address();
    if (auto const same = ip::make_address(host, ec); !ec) return !no_address && same == address;
    return no_address && is_name_or_below(to.host, host);
}

}  // namespace

bool is_excepted(std::string_view list, origin const& to) {
    constexpr std::string_view separators = ", \t";
    while (!list.empty()) {
        auto const end = std::min(list.find_first_of(separators), list.size());
        if (end > 0 && names(list.substr(0, end), to)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

}  // namespace cloudflare::inline v0::http
