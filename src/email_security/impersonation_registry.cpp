#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/impersonation_registry.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

/// The API documents no limit here.
constexpr std::size_t any_length = std::size_t(-1);

result<void> check_name(std::string_view value) {
    return check_text("name", value, 0, 1024);
}

result<void> check_email(std::string_view value) {
    return check_text("email", value, 1, any_length);
}

result<void> check_long_comments(std::string_view value) {
    return check_text("comments", value, 0, any_length);
}

}  // namespace

result<void> new_impersonation_entry::validate() const {
    if (auto const valid = check_name(name_); !valid) return valid;
    if (auto const valid = check_email(email_); !valid) return valid;
    return comments_ ? check_long_comments(*comments_) : result<void>{};
}

result<void> impersonation_entry_patch::validate() const {
    if (auto const valid = check_any_given(*this); !valid) return valid;
    if (auto const valid = check_set(name_, check_name); !valid) return valid;
    if (auto const valid = check_set(email_, check_email); !valid) return valid;
    return check_set(comments_, check_long_comments);
}

}  // namespace cloudflare::inline v0::email_security
