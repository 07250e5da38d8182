#pragma once

#include <string_view>

/// The words that the API allows in more than one place.
namespace cloudflare::simulator::vocabulary {

inline constexpr std::string_view dispositions[] = {
    "MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF",   "SPAM",
    "BULK",      "ENCRYPTED",     "EXTERNAL",   "UNKNOWN", "NONE"};

/// The dispositions that can be searched for, asked for, and come out of a submission.
inline constexpr std::string_view searchable_dispositions[] = {"MALICIOUS", "SUSPICIOUS", "SPOOF",
                                                               "SPAM",      "BULK",       "NONE"};

inline constexpr std::string_view destinations[] = {
    "Inbox", "JunkEmail", "DeletedItems", "RecoverableItemsDeletions", "RecoverableItemsPurges"};

inline constexpr std::string_view message_actions[] = {"PREVIEW", "QUARANTINE_RELEASED", "MOVED"};

inline constexpr std::string_view delivery_statuses[] = {
    "delivered", "moved", "quarantined", "rejected", "deferred", "bounced", "queued"};

inline constexpr std::string_view job_actions[] = {"MOVE", "RELEASE"};

inline constexpr std::string_view job_statuses[] = {
    "PENDING", "DISCOVERING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"};

}  // namespace cloudflare::simulator::vocabulary
