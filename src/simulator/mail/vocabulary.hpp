#pragma once

#include <string_view>

/// The words that the API allows in more than one place.
namespace cloudflare::inline v0::simulator::vocabulary {

inline constexpr std::string_view dispositions[] = {
    "MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF",   "SPAM",
    "BULK",      "ENCRYPTED",     "EXTERNAL",   "UNKNOWN", "NONE"};

/// The dispositions that can be searched for, asked for, and come out of a submission.
inline constexpr std::string_view searchable_dispositions[] = {"MALICIOUS", "SUSPICIOUS", "SPOOF",
                                                               "SPAM",      "BULK",       "NONE"};

inline constexpr std::string_view destinations[] = {
    "Inbox", "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges"};

inline constexpr std::string_view message_actions[] = {"PREVIEW", "QUARANTINE_RELEASED", "MOVED"};

inline constexpr std::string_view delivery_statuses[] = {"delivered", "moved",      "quarantined",
                                                         "rejected",  "deferred",   "bounced",
                                                         "queued",    "move_failed"};

inline constexpr std::string_view job_actions[] = {"MOVE", "RELEASE"};

inline constexpr std::string_view job_statuses[] = {"PENDING",   "DISCOVERING", "PROCESSING",
                                                    "COMPLETED", "FAILED",      "CANCELLED"};

/// Of one message of a job.
inline constexpr std::string_view job_message_statuses[] = {"PENDING", "PROCESSING", "COMPLETED",
                                                            "FAILED",  "CANCELLED",  "SKIPPED"};

/// What becomes of a submission in the hands of the account.
inline constexpr std::string_view review_statuses[] = {"escalated", "reviewed", "unreviewed"};

}  // namespace cloudflare::inline v0::simulator::vocabulary
