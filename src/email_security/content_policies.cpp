#include "email_security/content_pattern.hpp"
#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/content_policies.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

result<void> check_name(std::string_view value) {
    return check_text("name", value, 1, 256);
}

result<void> check_notes(std::string_view value) {
    return check_text("notes", value, 0, 4096);
}

/// The API does not say that there must be one; a policy that looks nowhere would block nothing,
/// and nobody would notice.
result<void> check_targets(std::vector<content_target> const& values) {
    return values.empty() ? invalid_field("targets", "is empty") : result<void>{};
}

}  // namespace

result<void> new_content_policy::validate() const {
    if (auto const valid = check_name(name_); !valid) return valid;
    if (auto const valid = check_content_pattern(pattern_); !valid) return valid;
    if (auto const valid = check_targets(targets_); !valid) return valid;
    return notes_ ? check_notes(*notes_) : result<void>{};
}

result<void> content_policy_patch::validate() const {
    if (auto const valid = check_any_given(*this); !valid) return valid;
    if (auto const valid = check_set(name_, check_name); !valid) return valid;
    if (auto const valid = check_set(pattern_, check_content_pattern); !valid) return valid;
    if (auto const valid = check_set(targets_, check_targets); !valid) return valid;
    return check_set(notes_, check_notes);
}

}  // namespace cloudflare::inline v0::email_security
