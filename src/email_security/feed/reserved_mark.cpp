#include "email_security/feed/reserved_mark.hpp"

#include "email_security/feed/ascii.hpp"

#include <algorithm>

namespace cloudflare::inline v0::email_security {

bool has_reserved_mark(std::string_view comments) noexcept {
    auto const is_part = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
    for (auto at = comments.find('['); at != std::string_view::npos; at = comments.find('[', at)) {
        comments.remove_prefix(at + 1);
        at = 0;
        auto const end = std::ranges::find_if_not(comments, is_part);
        auto const size = static_cast<std::size_t>(end - comments.begin());
        auto const after = comments.substr(size);
        if (size > 0 && after.starts_with(':') && !after.starts_with("://")) return true;
    }
    return false;
}

}  // namespace cloudflare::inline v0::email_security
