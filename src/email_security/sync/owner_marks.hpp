#pragma once

#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Whether a text can be an owner's name.
bool is_owner_name(std::string_view text);
/// Comments with the owner's mark; as they are when they have it already.
std::string with_owner(std::string_view comments, std::string_view owner);
/// The text of `wanted`, with the marks of `comments`.
std::string with_text(std::string_view comments, std::string_view wanted);
/// The comments without marks.
std::string text_of(std::string_view comments);
/// Whether the comments have the mark of this owner and of no other.
bool is_owned_by(std::string_view comments, std::string_view owner);

}  // namespace cloudflare::inline v0::email_security
