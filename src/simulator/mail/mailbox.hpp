#pragma once

#include "bulk_job.hpp"
#include "message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// A request, by a user or the security team, to judge a message anew.
struct submission {
    std::string id;
    bool by_user = false;
    std::string requested_by;
    std::string requested_disposition;
    std::string original_disposition;
    /// Empty as long as it is not decided.
    std::string outcome_disposition;
    std::string subject;
    std::string postfix_id;
    bool escalated = false;
    timestamp requested;
};

/// An alert of the PhishGuard team.
struct phishguard_report {
    std::int64_t id = 0;
    std::string title;
    std::string content;
    std::string disposition;
    std::string priority;
    std::string from;
    std::string to;
    std::string postfix_id;
    timestamp created;
};

/// The mail of one account, and what was made of it; everything newest first.
struct mailbox {
    std::vector<message> messages;
    std::vector<submission> submissions;
    std::vector<phishguard_report> reports;
    std::vector<bulk_job> jobs;

    /// By its identifier; null when there is none.
    /// @{
    message* find(std::string_view id, bool submitted = false);
    message* find_by_postfix_id(std::string_view postfix_id);
    bulk_job* find_job(std::string_view id);
    /// @}
};

/// The mail that an account begins with: the same again for the same seed and account, but for the
/// times, which go back from `now`.
mailbox make_mailbox(std::uint64_t seed, std::string_view account_id, timestamp now);

}  // namespace cloudflare::inline v0::simulator
