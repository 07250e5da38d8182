#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/trusted_domains.hpp>

namespace cloudflare::inline v0::email_security {

result<void> new_trusted_domain::validate() const {
    if (auto const valid = check_pattern(pattern_); !valid) return valid;
    return comments_ ? check_comments(*comments_) : result<void>{};
}

result<void> trusted_domain_patch::validate() const {
    return check_pattern_patch(*this, pattern_, comments_);
}

}  // namespace cloudflare::inline v0::email_security
