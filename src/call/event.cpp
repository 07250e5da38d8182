#include <cloudflare/event.hpp>

namespace cloudflare::inline v0 {

std::string_view to_string(event::kind value) noexcept {
    switch (value) {
        case event::kind::throttled:
            return "throttled";
        case event::kind::attempt_started:
            return "attempt started";
        case event::kind::attempt_ended:
            return "attempt ended";
        case event::kind::retry_scheduled:
            return "retry scheduled";
        case event::kind::completed:
            return "completed";
        case event::kind::connection_opened:
            return "connection opened";
        case event::kind::connection_reused:
            return "connection reused";
        case event::kind::connection_closed:
            return "connection closed";
    }
    return "unknown";
}

}  // namespace cloudflare::inline v0
