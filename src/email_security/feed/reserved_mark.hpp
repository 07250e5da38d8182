#pragma once

#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Whether comments have the form that is reserved for marks of syncs, `[word:`; those that are
/// used are in `owner_marks.hpp`. What looks like an address on the web, `[https://`, is not one.
bool has_reserved_mark(std::string_view comments) noexcept;

/// Whether a field is where people say something of an entry, and an owner is marked.
constexpr bool may_have_marks(std::string_view field) noexcept {
    return field == "comments" || field == "notes";
}

}  // namespace cloudflare::inline v0::email_security
