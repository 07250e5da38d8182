#include "request.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace bench {

destination parse_destination(options const& run) {
    boost::urls::url_view const url = boost::urls::parse_uri(run.base_url).value();
    destination to;
    to.host = url.host();
    to.port = url.has_port() ? std::string{url.port()} : "443";
    to.authority = url.encoded_host_and_port();
    to.target = url.encoded_path();
    to.target += "/accounts/";
    to.target += account;
    to.target += "/email-security/settings/block_senders";
    return to;
}

std::string make_body() {
    return R"({"pattern":")" + std::string{pattern} +
           R"(","pattern_type":"DOMAIN","is_regex":false})";
}

std::string make_request(destination const& to) {
    auto const body = make_body();
    return "POST " + to.target + " HTTP/1.1\r\nHost: " + to.authority +
           "\r\nUser-Agent: cloudflare-email-security-cpp/0.1.0\r\nAccept: application/json\r\n"
           "Authorization: Bearer " +
           token +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace bench
