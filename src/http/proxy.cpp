#include "http/origin.hpp"
#include "memory/secret_text.hpp"

#include <cloudflare/proxy.hpp>

#include <boost/url/grammar/string_token.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

namespace urls = boost::urls;

[[noreturn]] void refuse(std::string const& why) {
    // The text is not repeated: it may hold a password.
    throw exception{error{errc::invalid_argument, "proxy " + why}};
}

/// `user:password`, percent-decoded.
void append_credentials(urls::url_view const& url, std::string& out) {
    url.encoded_user().decode({}, urls::string_token::append_to(out));
    if (out.find(':') != std::string::npos) refuse("has a user name with a colon");
    out += ':';
    url.encoded_password().decode({}, urls::string_token::append_to(out));
    auto const is_control = [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    };
    if (std::any_of(out.begin(), out.end(), is_control)) {
        refuse("has credentials with a control character");
    }
}

}  // namespace

struct proxy::state {
    state(http::origin to, urls::url_view const& url)
        : where{std::move(to)}, fields(room_for(url)) {
        if (!url.has_userinfo()) return;
        secret_text plain(room_for(url));
        append_credentials(url, plain.text());
        // EVP_EncodeBlock writes a zero at the end.
        secret_text base64(room_for(url));
        base64.text().resize((plain.view().size() + 2) / 3 * 4 + 1);
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.text().data()),
                        reinterpret_cast<unsigned char const*>(plain.view().data()),
                        static_cast<int>(plain.view().size()));
        auto& line = fields.text();
        line += "Proxy-Authorization: Basic ";
        line += base64.view().substr(0, base64.view().size() - 1);
        line += "\r\n";
    }

    /// Enough for the credentials in each of their forms.
    static std::size_t room_for(urls::url_view const& url) {
        return url.encoded_userinfo().size() * 2 + 64;
    }

    http::origin where;
    secret_text fields;
};

proxy::proxy(std::string_view text) {
    auto const has_scheme = text.find("://") != std::string_view::npos;
    secret_text const whole{has_scheme ? "" : "http://", text};
    auto const parsed = urls::parse_uri(whole.view());
    if (!parsed) refuse("URL is malformed; it looks like http://[user:password@]host[:port]");
    auto const& url = *parsed;
    if (url.scheme_id() != urls::scheme::http)
        refuse("URL must begin with http://; others are not supported");
    auto const path = url.encoded_path();
    if (!path.empty() && path != "/") refuse("URL must not have a path");
    auto where = http::origin_of(url, 80);
    if (!where) refuse("URL " + where.error().detail());
    state_ = std::make_shared<state const>(std::move(*where), url);
}

proxy& proxy::except(std::string hosts) {
    exceptions_ = std::move(hosts);
    return *this;
}

std::string const& proxy::host() const noexcept {
    static std::string const none;
    return state_ ? state_->where.host : none;
}

std::string const& proxy::port() const noexcept {
    static std::string const none;
    return state_ ? state_->where.port : none;
}

std::string_view proxy::header_fields() const noexcept {
    return state_ ? state_->fields.view() : std::string_view{};
}

std::ostream& operator<<(std::ostream& out, proxy const& value) {
    if (value.empty()) return out << "none";
    auto const& host = value.host();
    auto const is_ipv6 = host.find(':') != std::string::npos;
    return out << "http://" << (is_ipv6 ? "[" + host + "]" : host) << ':' << value.port();
}

}  // namespace cloudflare::inline v0
