#include <cloudflare/credentials.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <utility>

namespace cloudflare {

struct credentials::state {
    explicit state(std::string text) : fields{std::move(text)} {}
    state(state const&) = delete;
    state& operator=(state const&) = delete;
    ~state() { OPENSSL_cleanse(fields.data(), fields.size()); }

    std::string fields;
};

namespace {

/// A header's value must not end its line: only printable ASCII without spaces can be a secret.
void check_printable(std::string_view name, std::string_view value) {
    auto const printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (value.empty()) {
        throw exception{error{errc::invalid_argument, std::string{name} + " is empty"}};
    }
    if (!std::all_of(value.begin(), value.end(), printable)) {
        throw exception{error{errc::invalid_argument,
                              std::string{name} + " has a space, a line break or another character "
                                                  "that is not printable ASCII"}};
    }
}

/// Reserved at once, so that no copy of the secret is left behind by growing.
std::string join(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (auto const part : parts) size += part.size();
    std::string text;
    text.reserve(size);
    for (auto const part : parts) text += part;
    return text;
}

}  // namespace

credentials::credentials(std::shared_ptr<state const> value) : state_{std::move(value)} {}

credentials credentials::api_token(std::string_view token) {
    check_printable("the API token", token);
    return credentials{
        std::make_shared<state const>(join({"Authorization: Bearer ", token, "\r\n"}))};
}

credentials credentials::global_key(std::string_view email, std::string_view key) {
    check_printable("the e-mail address", email);
    check_printable("the API key", key);
    return credentials{std::make_shared<state const>(
        join({"X-Auth-Email: ", email, "\r\nX-Auth-Key: ", key, "\r\n"}))};
}

std::string_view credentials::header_fields() const noexcept {
    return state_ ? std::string_view{state_->fields} : std::string_view{};
}

std::ostream& operator<<(std::ostream& out, credentials const& value) {
    if (value.empty()) return out << "no credentials";
    return out << (value.header_fields().starts_with("Authorization") ? "API token"
                                                                      : "e-mail and API key");
}

}  // namespace cloudflare
