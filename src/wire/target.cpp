#include "memory/spare_memory.hpp"

#include <cloudflare/detail/make_request.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

void append_encoded(std::string& target, std::string_view segment) {
    boost::urls::encode(segment, boost::urls::unreserved_chars, {},
                        boost::urls::string_token::append_to(target));
}

/// Cloudflare's account tags are 32 hexadecimal digits; the API documents no more than their
/// length.
result<void> check_account(std::string_view id) {
    if (auto const valid = check_text("account_id", id, 1, 32); !valid) return valid;
    return check_segment("account_id", id);
}

}  // namespace

account::account(std::string id) {
    auto made = std::make_shared<state>();
    made->id = std::move(id);
    if (auto const valid = check_account(made->id); !valid) {
        made->is_faulty = true;
        made->fault = valid.error();
    } else {
        append_encoded(made->segment, made->id);
    }
    shared_ = std::move(made);
}

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

result<request> make_request(operation what, account const& on,
                             std::optional<identifier> const& id) {
    if (auto const* const fault = on.fault()) return *fault;
    if (id) {
        if (auto const valid = check_identifier(*id); !valid) return valid.error();
    }
    request message;
    message.operation = what;
    message.account = on.shared_id();
    message.target = spare_text();
    message.target.reserve(what.path.size() + on.segment().size() + (id ? id->text().size() : 0));
    if (what.method != http_method::get && what.method != http_method::delete_) {
        message.body = spare_text();
    }
    bool is_id_placed = false;
    for (auto rest = what.path; !rest.empty();) {
        auto const open = std::min(rest.find('{'), rest.size());
        message.target += rest.substr(0, open);
        rest.remove_prefix(open);
        if (rest.empty()) break;
        auto const close = rest.find('}');
        if (close == std::string_view::npos) return invalid_field("path", "has an open brace");
        auto const placeholder = rest.substr(0, close + 1);
        rest.remove_prefix(close + 1);
        if (placeholder == "{account_id}") {
            message.target += on.segment();
        } else if (!id || is_id_placed) {
            return invalid_field("path", "nothing is given for " + std::string{placeholder});
        } else {
            append_encoded(message.target, id->text());
            is_id_placed = true;
        }
    }
    // Without its identifier the request would be one for the whole collection.
    if (id && !is_id_placed) return invalid_field("path", "has no place for the identifier");
    return message;
}

}  // namespace cloudflare::inline v0
