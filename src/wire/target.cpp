#include "spare_text.hpp"

#include <cloudflare/invoke.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace cloudflare {

namespace {

/// Cloudflare's account tags are 32 hexadecimal digits; the API documents no more than their
/// length.
result<void> check_account(std::string_view account_id) {
    if (auto const valid = check_text("account_id", account_id, 1, 32); !valid) return valid;
    return check_segment("account_id", account_id);
}

}  // namespace

std::string_view to_string(http_method value) noexcept {
    switch (value) {
        case http_method::get:
            return "GET";
        case http_method::post:
            return "POST";
        case http_method::put:
            return "PUT";
        case http_method::patch:
            return "PATCH";
        case http_method::delete_:
            return "DELETE";
    }
    return "GET";
}

result<request> make_request(operation what, std::string_view account_id,
                             std::optional<identifier> const& id) {
    if (auto const valid = check_account(account_id); !valid) return valid.error();
    if (id) {
        if (auto const valid = check_identifier(*id); !valid) return valid.error();
    }
    request message;
    message.operation = what;
    message.target = spare_text();
    if (what.method != http_method::get && what.method != http_method::delete_) {
        message.body = spare_text();
    }
    for (auto rest = what.path; !rest.empty();) {
        auto const open = std::min(rest.find('{'), rest.size());
        message.target += rest.substr(0, open);
        rest.remove_prefix(open);
        if (rest.empty()) break;
        auto const close = rest.find('}') + 1;
        auto const name = rest.substr(0, close);
        rest.remove_prefix(close);
        auto const value = name == "{account_id}" ? account_id : std::string_view{id->text()};
        boost::urls::encode(value, boost::urls::unreserved_chars, {},
                            boost::urls::string_token::append_to(message.target));
    }
    return message;
}

}  // namespace cloudflare
