#include "mail.hpp"

namespace cloudflare::inline v0::simulator {

std::span<mail_route const> mail_routes() {
    static constexpr mail_route all[] = {
        {"GET", "investigate", search_messages},
        {"GET", "investigate/{}", get_message},
        {"GET", "investigate/{}/action_log", get_action_log},
        {"GET", "investigate/{}/detections", get_detections},
        {"GET", "investigate/{}/raw", get_raw},
        {"GET", "investigate/{}/trace", get_trace},
        {"GET", "investigate/{}/preview", get_preview},
        {"POST", "investigate/{}/move", move_message},
        {"POST", "investigate/{}/reclassify", reclassify_message},
        {"POST", "investigate/preview", create_preview},
        {"POST", "investigate/move", move_messages},
        {"POST", "investigate/release", release_messages},
        {"GET", "investigate/bulk", list_jobs},
        {"POST", "investigate/bulk", create_job},
        {"GET", "investigate/bulk/{}", get_job},
        {"DELETE", "investigate/bulk/{}", delete_job},
        {"POST", "investigate/bulk/{}/cancel", cancel_job},
        {"GET", "investigate/bulk/{}/messages", list_job_messages},
        {"GET", "submissions", list_submissions},
        {"POST", "submissions", submit_messages},
        {"GET", "phishguard/reports", list_reports},
        {"GET", "analytics/monthly_report", get_monthly_report},
    };
    return all;
}

}  // namespace cloudflare::inline v0::simulator
