#pragma once

#include <cloudflare/detail/codec.hpp>

#include <array>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// A model of the settings: `last_modified` ended on 1 November 2026 in favour of `modified_at`;
/// answers of the older form have only that.
template <class Model>
concept has_last_modified = wire::described<Model> && requires {
    &Model::last_modified;
    &Model::modified_at;
};

template <has_last_modified Model>
constexpr auto deprecated_fields(Model*) noexcept {
    return std::array{std::string_view{"last_modified"}};
}

// The deprecation is for who reads the field, not for what fills it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
template <has_last_modified Model>
void after_reading(Model& read) {
    if (!read.modified_at) read.modified_at = read.last_modified;
}
#pragma GCC diagnostic pop

}  // namespace cloudflare::inline v0::email_security
