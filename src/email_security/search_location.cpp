#include "email_security/search_location.hpp"

#include "email_security/feed/ascii.hpp"

#include <cloudflare/detail/validation.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

/// Whether a segment, decoded, can stand for nothing but itself: no dots alone, no delimiter and no
/// second encoding.
bool is_plain(std::string_view segment) {
    auto const is_allowed = [](char c) {
        return is_alphanumeric(c) ||
               std::string_view{"-._~=+:@,!$"}.find(c) != std::string_view::npos;
    };
    return !segment.empty() && std::ranges::all_of(segment, is_allowed) &&
           segment.find_first_not_of('.') != std::string_view::npos;
}

using segments = std::span<std::string const>;

/// Whether these are a path below another one, which nobody can leave.
bool are_plain(segments path) {
    return std::ranges::all_of(path, is_plain);
}

void append(std::string& target, segments path) {
    for (auto const& each : path) {
        target += '/';
        target += boost::urls::encode(each, boost::urls::unreserved_chars);
    }
}

}  // namespace

result<std::string> search_target(std::string_view location, account const& on) {
    if (auto const* const fault = on.fault()) return *fault;
    auto const refused = invalid_field("location", "is not a search of this account");
    auto const url = boost::urls::parse_uri_reference(location);
    if (!url || url->has_fragment()) return refused;

    std::vector<std::string> path;
    for (std::string each : url->segments()) path.push_back(std::move(each));
    std::array<std::string, 4> const searches{"accounts", on.id(), "email-security", "investigate"};
    auto const found = std::search(path.begin(), path.end(), searches.begin(), searches.end());
    if (found == path.end()) return refused;
    segments const before{path.begin(), found};
    segments const after{found + searches.size(), path.end()};
    if (!are_plain(before) || !are_plain(after)) return refused;

    std::string target;
    append(target, searches);
    append(target, after);
    if (url->has_query()) {
        target += '?';
        target += std::string_view{url->encoded_query().data(), url->encoded_query().size()};
    }
    return target;
}

}  // namespace cloudflare::inline v0::email_security
