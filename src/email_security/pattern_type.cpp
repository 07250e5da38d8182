#include <cloudflare/email_security/pattern_type.hpp>
#include <cloudflare/detail/validation.hpp>

namespace cloudflare::inline v0::email_security {

result<void> check_pattern(std::string_view value) {
    return check_text("pattern", value, 1, 1024);
}

result<void> check_comments(std::string_view value) {
    return check_text("comments", value, 0, 1024);
}

result<void> check_pattern_type(pattern_type value) {
    if (value != pattern_type::unknown) return {};
    return invalid_field("pattern_type", "must be EMAIL, DOMAIN or IP, not UNKNOWN");
}

}  // namespace cloudflare::inline v0::email_security
