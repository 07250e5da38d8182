#include "email_security/sync/kept_identifiers.hpp"

#include <string>
#include <utility>

namespace cloudflare::inline v0::email_security {

identifier kept_identifiers::get(std::uint32_t number) const {
    auto const& found = all_[number];
    std::string text(found.text, found.size);
    return found.is_integer ? identifier{std::stoll(text)} : identifier{std::move(text)};
}

void kept_identifiers::set(std::uint32_t number, identifier const& id) {
    auto const& text = id.text();
    auto* const room = static_cast<char*>(texts_.allocate(text.size(), 1));
    auto const size = text.copy(room, text.size());
    all_[number] = {room, static_cast<std::uint32_t>(size), id.is_integer()};
}

}  // namespace cloudflare::inline v0::email_security
