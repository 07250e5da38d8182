#include "call/request_check.hpp"

#include "wire/all_of.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace cloudflare::inline v0 {

namespace {

/// RFC 9110, 5.6.2.
bool is_token(std::string_view name) {
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               symbols.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
    });
}

bool is_reserved(std::string_view name) {
    using namespace std::string_view_literals;
    static constexpr std::array reserved{"host"sv,
                                         "authorization"sv,
                                         "x-auth-email"sv,
                                         "x-auth-key"sv,
                                         "user-agent"sv,
                                         "accept"sv,
                                         "accept-encoding"sv,
                                         "connection"sv,
                                         "content-type"sv,
                                         "content-length"sv,
                                         "transfer-encoding"sv,
                                         "expect"sv,
                                         "upgrade"sv,
                                         "te"sv,
                                         "trailer"sv,
                                         "proxy-authorization"sv};
    return std::any_of(reserved.begin(), reserved.end(), [name](std::string_view each) {
        return boost::algorithm::iequals(each, name);
    });
}

}  // namespace

std::optional<error> check_headers(
    std::vector<std::pair<std::string, std::string>> const& headers) {
    for (auto const& [name, value] : headers) {
        if (!is_token(name)) return error{errc::invalid_argument, "not a valid header name"};
        if (is_reserved(name)) {
            return error{errc::invalid_argument, "the header " + name + " is the client's own"};
        }
        if (!is_field_value(value)) {
            return error{errc::invalid_argument,
                         "the header " + name + " holds a control character"};
        }
    }
    return std::nullopt;
}

std::optional<error> check_request(request const& message) {
    auto const fits = [](unsigned char c) { return c > ' ' && c < 0x7f; };
    if (!message.target.starts_with('/') || !all_of(message.target, fits)) {
        return error{errc::invalid_argument, "the target is not a percent-encoded path"};
    }
    return check_headers(message.headers);
}

}  // namespace cloudflare::inline v0
