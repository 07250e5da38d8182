#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/allow_policies.hpp>

namespace cloudflare::inline v0::email_security {

result<void> new_allow_policy::validate() const {
    return check_new_pattern(pattern_, pattern_type_, comments_);
}

result<void> allow_policy_patch::validate() const {
    return check_pattern_patch(*this, pattern_, pattern_type_, comments_);
}

}  // namespace cloudflare::inline v0::email_security
