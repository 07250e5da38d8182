#include "email_security/domain_checks.hpp"
#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/sending_domain_restrictions.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

result<void> check_exclude(std::vector<std::string> const& value) {
    return check_texts("exclude", value);
}

}  // namespace

result<void> new_sending_domain_restriction::validate() const {
    if (auto const valid = check_domain(domain_); !valid) return valid;
    if (auto const valid = check_exclude(exclude_); !valid) return valid;
    return comments_ ? check_comments(*comments_) : result<void>{};
}

result<void> sending_domain_restriction_patch::validate() const {
    if (auto const valid = check_any_given(*this); !valid) return valid;
    if (auto const valid = check_set(domain_, check_domain); !valid) return valid;
    if (auto const valid = check_set(exclude_, check_exclude); !valid) return valid;
    return check_set(comments_, check_comments);
}

}  // namespace cloudflare::inline v0::email_security
