#include "call/redaction.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0 {

bool hide(credentials const& secret, std::string& in) noexcept {
    constexpr std::size_t shortest = 8;
    auto const hidden = secret.secret();
    if (hidden.size() < shortest) return false;
    bool found = false;
    for (auto at = in.find(hidden); at != std::string::npos; at = in.find(hidden, at)) {
        std::fill_n(in.begin() + static_cast<std::ptrdiff_t>(at), hidden.size(), '*');
        at += hidden.size();
        found = true;
    }
    return found;
}

namespace {

/// Cuts a text of the server's, so that no error holds a whole body. It is UTF-8.
void shorten(std::string& text) {
    constexpr std::size_t longest = 1000;
    if (text.size() <= longest) return;
    auto end = longest;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    text += "...";
}

}  // namespace

std::vector<api_message> without(credentials const& secret, std::vector<api_message> messages) {
    for (auto& each : messages) {
        for (auto* const text : {&each.message, &each.documentation_url, &each.source_pointer}) {
            hide(secret, *text);
            // Not before: what is left of a secret that was cut through cannot be found.
            shorten(*text);
        }
    }
    return messages;
}

error without(credentials const& secret, error const& failure) {
    auto detail = failure.detail();
    auto ray_id = failure.ray_id();
    hide(secret, detail);
    hide(secret, ray_id);
    error redacted{static_cast<errc>(failure.code().value()), std::move(detail), failure.outcome()};
    redacted.status(failure.status())
        .errors(without(secret, failure.errors()))
        .messages(without(secret, failure.messages()))
        .ray_id(std::move(ray_id))
        .attempts(failure.attempts())
        .retry_after(failure.retry_after());
    return redacted;
}

}  // namespace cloudflare::inline v0
