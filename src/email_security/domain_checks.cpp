#include "email_security/domain_checks.hpp"

#include <cloudflare/detail/validation.hpp>

namespace cloudflare::inline v0::email_security {

result<void> check_domain(std::string_view value) {
    return check_text("domain", value, 1, std::size_t(-1));
}

result<void> check_texts(std::string_view field, std::vector<std::string> const& values) {
    for (auto const& each : values) {
        if (auto const valid = check_text(field, each, 1, std::size_t(-1)); !valid) return valid;
    }
    return {};
}

}  // namespace cloudflare::inline v0::email_security
