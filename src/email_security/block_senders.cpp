#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/block_senders.hpp>

namespace cloudflare::inline v0::email_security {

result<void> new_block_sender::validate() const {
    return check_new_pattern(pattern_, pattern_type_, comments_);
}

result<void> block_sender_patch::validate() const {
    return check_pattern_patch(*this, pattern_, pattern_type_, comments_);
}

}  // namespace cloudflare::inline v0::email_security
