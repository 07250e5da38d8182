// Where to connect: the base URL, the proxy's URL, the hosts that need no proxy.

#include "fuzz.hpp"
#include "http/no_proxy.hpp"
#include "http/origin.hpp"

#include <cloudflare/proxy.hpp>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

using namespace cloudflare;
using fuzz::input;
using fuzz::require;

namespace {

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void check_port(std::string const& port) {
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    require(!port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit) &&
                port.front() != '0' && std::stoi(port) <= 65535,
            "a port is a number in its range");
}

void check_base_url(input in) {
    auto const where = http::parse_base_url(in.rest());
    if (!where) {
        require(where.error().detail().size() <= 200, "the reason does not repeat the URL");
        return;
    }
    require(!where->host.empty() && is_printable(where->host), "there is a host");
    require(is_printable(where->authority) && is_printable(where->prefix),
            "what goes into a request line and a header is printable");
    check_port(where->port);
    require(where->prefix.empty() || (where->prefix.front() == '/' && where->prefix.back() != '/'),
            "the prefix stands before a target");
    auto const again = http::parse_base_url("https://" + where->authority + where->prefix);
    require(again && again->host == where->host && again->port == where->port &&
                again->authority == where->authority && again->prefix == where->prefix &&
                again->is_address == where->is_address,
            "its parts make the same URL");
}

void check_proxy(input in) {
    proxy given;
    try {
        given = proxy{in.rest()};
    } catch (exception const& refused) {
        require(refused.reason().detail().size() <= 200, "the reason does not repeat the URL");
        return;
    }
    require(!given.empty() && !given.host().empty(), "there is a host");
    check_port(given.port());
    auto const field = given.header_fields();
    constexpr std::string_view name = "Proxy-Authorization: Basic ";
    if (!field.empty()) {
        require(field.starts_with(name) && field.ends_with("\r\n"), "the credentials are a field");
        auto const base64 = field.substr(name.size(), field.size() - name.size() - 2);
        require(!base64.empty() && is_printable(base64), "the field is one line");
    }
    std::ostringstream printed;
    printed << given;
    auto const host =
        given.host().find(':') == std::string::npos ? given.host() : '[' + given.host() + ']';
    require(printed.str() == "http://" + host + ':' + given.port(), "only the place is printed");
    auto const again = proxy{printed.str()};
    require(again.host() == given.host() && again.port() == given.port(),
            "what is printed names the same place");
}

void check_exceptions(input in) {
    auto const where = http::parse_base_url("https://" + std::string{in.line()});
    if (!where) return;
    auto const list = in.rest();
    auto const middle = std::min(list.find(','), list.size());
    auto const first = list.substr(0, middle);
    auto const others = list.substr(std::min(middle + 1, list.size()));
    require(http::is_excepted(list, *where) ==
                (http::is_excepted(first, *where) || http::is_excepted(others, *where)),
            "each entry of a list stands for itself");
    require(http::is_excepted(std::string{list} + " *", *where), "* stands for all");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array checks{&check_base_url, &check_proxy, &check_exceptions};
    input in{data, size};
    auto const check = checks[in.pick(checks.size())];
    check(in);
    return 0;
}
