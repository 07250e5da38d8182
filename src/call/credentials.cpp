#include "memory/secret_text.hpp"

#include <cloudflare/credentials.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace cloudflare::inline v0 {

struct credentials::state : secret_text {
    state(std::initializer_list<std::string_view> fields, std::string_view last)
        : secret_text{fields}, secret_size{last.size()} {}

    std::size_t secret_size;
};

namespace {

constexpr std::string_view line_end = "\r\n";

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

}  // namespace

credentials::credentials(std::shared_ptr<state const> value) : state_{std::move(value)} {}

credentials credentials::api_token(std::string_view token) {
    check_printable("the API token", token);
    return credentials{std::make_shared<state const>(
        std::initializer_list<std::string_view>{"Authorization: Bearer ", token, line_end}, token)};
}

credentials credentials::global_key(std::string_view email, std::string_view key) {
    check_printable("the e-mail address", email);
    check_printable("the API key", key);
    return credentials{std::make_shared<state const>(
        std::initializer_list<std::string_view>{"X-Auth-Email: ", email, line_end,
                                                "X-Auth-Key: ", key, line_end},
        key)};
}

std::string_view credentials::header_fields() const noexcept {
    return state_ ? state_->view() : std::string_view{};
}

std::string_view credentials::secret() const noexcept {
    if (!state_) return {};
    auto const fields = state_->view();
    return fields.substr(fields.size() - line_end.size() - state_->secret_size,
                         state_->secret_size);
}

std::ostream& operator<<(std::ostream& out, credentials const& value) {
    if (value.empty()) return out << "no credentials";
    return out << (value.header_fields().starts_with("Authorization") ? "API token"
                                                                      : "e-mail and API key");
}

}  // namespace cloudflare::inline v0
