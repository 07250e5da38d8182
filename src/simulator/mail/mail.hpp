#pragma once

#include "../router.hpp"
#include "mailbox.hpp"

#include <span>
#include <string_view>

namespace cloudflare::inline v0::simulator {

/// What an operation on an account's mail works on.
struct mail_context {
    mailbox& box;
    identifier_maker& identifiers;
    timestamp now;
    /// Bodies that the API has ended are taken as well.
    bool takes_former_bodies = false;
};

using mail_operation = reply (*)(mail_context c, call const& asked);

/// One function for each of the API's operations.
/// @{
reply search_messages(mail_context c, call const& asked);
reply get_message(mail_context c, call const& asked);
reply get_action_log(mail_context c, call const& asked);
reply get_detections(mail_context c, call const& asked);
reply get_raw(mail_context c, call const& asked);
reply get_trace(mail_context c, call const& asked);
reply get_preview(mail_context c, call const& asked);
reply create_preview(mail_context c, call const& asked);
reply move_message(mail_context c, call const& asked);
reply move_messages(mail_context c, call const& asked);
reply reclassify_message(mail_context c, call const& asked);
reply release_messages(mail_context c, call const& asked);

reply create_job(mail_context c, call const& asked);
reply list_jobs(mail_context c, call const& asked);
reply get_job(mail_context c, call const& asked);
reply delete_job(mail_context c, call const& asked);
reply cancel_job(mail_context c, call const& asked);
reply list_job_messages(mail_context c, call const& asked);

reply list_submissions(mail_context c, call const& asked);
reply submit_messages(mail_context c, call const& asked);
reply list_reports(mail_context c, call const& asked);
reply get_monthly_report(mail_context c, call const& asked);
/// @}

reply no_such_message();

struct mail_route {
    std::string_view method;
    std::string_view path;
    mail_operation operation;
};

/// All of them, with their paths.
std::span<mail_route const> mail_routes();

}  // namespace cloudflare::inline v0::simulator
