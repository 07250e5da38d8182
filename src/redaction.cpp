#include "redaction.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cloudflare {

namespace {

/// The token or key: the last word of the header fields.
std::string_view secret_of(credentials const& value) noexcept {
    constexpr std::string_view line_end = "\r\n";
    auto text = value.header_fields();
    text.remove_suffix(std::min(line_end.size(), text.size()));
    text.remove_prefix(text.rfind(' ') + 1);
    return text;
}

}  // namespace

bool hide(credentials const& secret, std::string& in) noexcept {
    constexpr std::size_t shortest = 8;
    auto const hidden = secret_of(secret);
    if (hidden.size() < shortest) return false;
    bool found = false;
    for (auto at = in.find(hidden); at != std::string::npos; at = in.find(hidden, at)) {
        std::fill_n(in.begin() + static_cast<std::ptrdiff_t>(at), hidden.size(), '*');
        at += hidden.size();
        found = true;
    }
    return found;
}

std::vector<api_message> without(credentials const& secret, std::vector<api_message> messages) {
    for (auto& each : messages) {
        for (auto* const text : {&each.message, &each.documentation_url, &each.source_pointer}) {
            hide(secret, *text);
        }
    }
    return messages;
}

error without(credentials const& secret, error const& failure) {
    auto detail = failure.detail();
    auto ray_id = failure.ray_id();
    hide(secret, detail);
    hide(secret, ray_id);
    error told{static_cast<errc>(failure.code().value()), std::move(detail), failure.outcome()};
    told.status(failure.status())
        .errors(without(secret, failure.errors()))
        .messages(without(secret, failure.messages()))
        .ray_id(std::move(ray_id))
        .attempts(failure.attempts())
        .retry_after(failure.retry_after());
    return told;
}

}  // namespace cloudflare
