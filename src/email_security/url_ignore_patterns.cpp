#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/url_ignore_patterns.hpp>

namespace cloudflare::inline v0::email_security {

result<void> new_url_ignore_pattern::validate() const {
    if (auto const valid = check_pattern(pattern_); !valid) return valid;
    return comments_ ? check_comments(*comments_) : result<void>{};
}

result<void> url_ignore_pattern_patch::validate() const {
    return check_pattern_patch(*this, pattern_, comments_);
}

}  // namespace cloudflare::inline v0::email_security
