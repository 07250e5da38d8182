#include "exit_status.hpp"

namespace cfes {

exit_status status_of(cloudflare::error const& why, repeated again) {
    using enum cloudflare::errc;
    bool const may_be_done = why.outcome() == cloudflare::outcome::unknown;
    if (may_be_done && again == repeated::may_double) return failed;
    switch (static_cast<cloudflare::errc>(why.code().value())) {
        case invalid_argument:
            return why.attempts() == 0 ? usage : failed;
        case unauthorized:
        case forbidden:
            return not_allowed;
        case cloudflare::errc::not_found:
            return exit_status::not_found;
        case rate_limited:
        case server_error:
        case connect_failed:
        case connection_lost:
        case timed_out:
        case retry_budget_exhausted:
        case quota_unavailable:
            return try_later;
        case not_entitled:
        case conflict:
        case request_rejected:
        case malformed_response:
        case tls_failed:
        case cancelled:
        case response_too_large:
        case closed:
        case journal_failed:
            break;
    }
    return failed;
}

exit_status status_of_sync(cloudflare::error const& why) {
    auto const status = status_of(why);
    return status == usage ? failed : status;
}

exit_status status_of_work(exit_choice const& choice, bool changes_something,
                           std::size_t rejected) noexcept {
    if (choice.tells_changes && changes_something) return has_changes;
    return rejected > choice.allowed_rejected ? done_in_part : done;
}

}  // namespace cfes
