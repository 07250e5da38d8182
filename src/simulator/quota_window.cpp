#include "quota_window.hpp"

namespace cloudflare::inline v0::simulator {

quota_window::decision quota_window::take(quota const& limit, time_point now) {
    if (now >= end_) {
        end_ = now + limit.window;
        used_ = 0;
        blocked_ = false;
    }
    if (!blocked_ && used_ == limit.requests) {
        blocked_ = true;
        end_ = now + limit.window;
    }
    if (!blocked_) ++used_;
    return {!blocked_, blocked_ ? 0 : limit.requests - used_,
            std::chrono::ceil<std::chrono::seconds>(end_ - now)};
}

}  // namespace cloudflare::inline v0::simulator
