#include "call/under_way.hpp"

#include "call/retry_policy.hpp"
#include "wire/envelope.hpp"

namespace cloudflare::inline v0::call {

bool may_be_under_way(error const& why) noexcept {
    if (why.outcome() != outcome::unknown) return false;
    attempt_outcome seen;
    seen.bytes_sent = true;
    seen.status = why.status();
    seen.transient_code_1000 = wire::is_request_timeout(why);
    if (why.code() == errc::malformed_response) {
        seen.kind = failure::malformed_response;
    } else if (why.code() == errc::response_too_large) {
        seen.kind = failure::response_too_large;
    } else {
        seen.kind = seen.status == 0 ? failure::connection_lost : failure::status;
    }
    return may_be_under_way(seen);
}

std::chrono::milliseconds settling_time(retry_options const& options) noexcept {
    retry_settings settings;
    settings.cap = options.backoff_cap();
    return std::chrono::ceil<std::chrono::milliseconds>(settling_time(settings));
}

}  // namespace cloudflare::inline v0::call
