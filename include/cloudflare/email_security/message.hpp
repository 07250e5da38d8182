#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/email_security/disposition.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What became of the delivery of a message.
enum class delivery_status {
    delivered,
    moved,
    quarantined,
    rejected,
    deferred,
    bounced,
    queued,
    move_failed
};
constexpr auto wire_names(delivery_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{delivery_status::delivered, "delivered"sv},
                      std::pair{delivery_status::moved, "moved"sv},
                      std::pair{delivery_status::quarantined, "quarantined"sv},
                      std::pair{delivery_status::rejected, "rejected"sv},
                      std::pair{delivery_status::deferred, "deferred"sv},
                      std::pair{delivery_status::bounced, "bounced"sv},
                      std::pair{delivery_status::queued, "queued"sv},
                      std::pair{delivery_status::move_failed, "move_failed"sv}};
}

/// How a message reached Email Security.
enum class message_delivery_mode {
    direct,
    bcc,
    journal,
    review_submission,
    dmarc_unverified,
    dmarc_failure_report,
    dmarc_aggregate_report,
    threat_intel_submission,
    simulation_submission,
    api,
    retro_scan
};
constexpr auto wire_names(message_delivery_mode) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{message_delivery_mode::direct, "DIRECT"sv},
        std::pair{message_delivery_mode::bcc, "BCC"sv},
        std::pair{message_delivery_mode::journal, "JOURNAL"sv},
        std::pair{message_delivery_mode::review_submission, "REVIEW_SUBMISSION"sv},
        std::pair{message_delivery_mode::dmarc_unverified, "DMARC_UNVERIFIED"sv},
        std::pair{message_delivery_mode::dmarc_failure_report, "DMARC_FAILURE_REPORT"sv},
        std::pair{message_delivery_mode::dmarc_aggregate_report, "DMARC_AGGREGATE_REPORT"sv},
        std::pair{message_delivery_mode::threat_intel_submission, "THREAT_INTEL_SUBMISSION"sv},
        std::pair{message_delivery_mode::simulation_submission, "SIMULATION_SUBMISSION"sv},
        std::pair{message_delivery_mode::api, "API"sv},
        std::pair{message_delivery_mode::retro_scan, "RETRO_SCAN"sv}};
}

/// What was done with a message after its delivery.
enum class message_operation { move, release, reclassify, submission, quarantine_release, preview };
constexpr auto wire_names(message_operation) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{message_operation::move, "MOVE"sv},
                      std::pair{message_operation::release, "RELEASE"sv},
                      std::pair{message_operation::reclassify, "RECLASSIFY"sv},
                      std::pair{message_operation::submission, "SUBMISSION"sv},
                      std::pair{message_operation::quarantine_release, "QUARANTINE_RELEASE"sv},
                      std::pair{message_operation::preview, "PREVIEW"sv}};
}

/// Why a message was let through.
enum class allowlist_type {
    quarantine_release,
    acceptable_sender,
    allowed_sender,
    allowed_recipient,
    domain_similarity,
    domain_recency,
    managed_acceptable_sender,
    outbound_ndr
};
constexpr auto wire_names(allowlist_type) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{allowlist_type::quarantine_release, "quarantine_release"sv},
        std::pair{allowlist_type::acceptable_sender, "acceptable_sender"sv},
        std::pair{allowlist_type::allowed_sender, "allowed_sender"sv},
        std::pair{allowlist_type::allowed_recipient, "allowed_recipient"sv},
        std::pair{allowlist_type::domain_similarity, "domain_similarity"sv},
        std::pair{allowlist_type::domain_recency, "domain_recency"sv},
        std::pair{allowlist_type::managed_acceptable_sender, "managed_acceptable_sender"sv},
        std::pair{allowlist_type::outbound_ndr, "outbound_ndr"sv}};
}

/// What a check of the sender came to.
enum class validation_status { pass, neutral, fail, error, none };
constexpr auto wire_names(validation_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{validation_status::pass, "pass"sv},
                      std::pair{validation_status::neutral, "neutral"sv},
                      std::pair{validation_status::fail, "fail"sv},
                      std::pair{validation_status::error, "error"sv},
                      std::pair{validation_status::none, "none"sv}};
}

/// The checks of the sender.
struct sender_validation {
    sender_validation() = default;

    std::optional<std::string> comment;
    std::optional<open_enum<email_security::validation_status>> dkim;
    std::optional<open_enum<email_security::validation_status>> dmarc;
    std::optional<open_enum<email_security::validation_status>> spf;
};
BOOST_DESCRIBE_STRUCT(sender_validation, (), (comment, dkim, dmarc, spf))

/// Something that speaks for a disposition.
struct finding {
    finding() = default;

    std::optional<std::string> attachment;
    std::optional<std::string> detail;
    std::optional<open_enum<email_security::disposition>> detection;
    std::optional<std::string> field;
    std::optional<std::string> name;
    std::optional<std::string> portion;
    std::optional<std::string> reason;
    std::optional<double> score;
    std::optional<std::string> value;
};
BOOST_DESCRIBE_STRUCT(finding, (),
                      (attachment, detail, detection, field, name, portion, reason, score, value))

/// What let a message through, or kept it out.
struct message_properties {
    message_properties() = default;

    std::optional<std::string> allowlisted_pattern;
    std::optional<open_enum<email_security::allowlist_type>> allowlisted_pattern_type;
    std::optional<bool> blocklisted_message;
    std::optional<std::string> blocklisted_pattern;
    std::optional<open_enum<email_security::allowlist_type>>
        whitelisted_pattern_type;  ///< the older name of `allowlisted_pattern_type`
};
BOOST_DESCRIBE_STRUCT(message_properties, (),
                      (allowlisted_pattern, allowlisted_pattern_type, blocklisted_message,
                       blocklisted_pattern, whitelisted_pattern_type))

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// Of an entry of the action log within a message.
struct action_log_properties {
    action_log_properties() = default;

    std::optional<std::string> folder;
    std::optional<std::string> requested_by;
};
BOOST_DESCRIBE_STRUCT(action_log_properties, (), (folder, requested_by))

/// What was done with a message, as its details tell it; `investigate::action_log` says more.
struct action_log_entry {
    action_log_entry() = default;

    open_enum<email_security::message_operation> operation;
    std::optional<timestamp> completed_at;
    std::optional<action_log_properties> properties;
    std::optional<std::string> status;
    std::optional<std::string> completed_timestamp [[deprecated("use completed_at")]];
};
BOOST_DESCRIBE_STRUCT(action_log_entry, (),
                      (operation, completed_at, properties, status, completed_timestamp))

/// A message that was scanned. What the API may leave out or give as null is optional; a list that
/// is absent or null is empty.
struct message {
    message() = default;

    identifier id;
    std::string postfix_id;
    std::optional<std::string> postfix_id_outbound;
    std::optional<std::string> message_id;  ///< of the message header
    std::optional<std::string> alert_id;
    std::optional<std::string> from;
    std::optional<std::string> from_name;
    std::vector<std::string> to;
    std::vector<std::string> to_name;
    std::optional<std::string> replyto;
    std::optional<std::string> subject;
    std::optional<std::string> envelope_from;
    std::vector<std::string> envelope_to;
    std::vector<std::string> client_recipients;
    std::optional<open_enum<email_security::message_delivery_mode>> delivery_mode;
    std::vector<open_enum<email_security::delivery_status>> delivery_status;
    std::optional<open_enum<email_security::disposition>> final_disposition;
    std::vector<std::string> detection_reasons;
    std::vector<std::string> threat_categories;
    std::optional<sender_validation> validation;
    message_properties properties;
    bool is_quarantined = false;
    bool is_phish_submission = false;
    std::vector<open_enum<message_operation>> post_delivery_operations;
    std::optional<timestamp> scanned_at;
    std::optional<timestamp> sent_at;
    std::optional<std::string> sent_date;
    std::optional<std::string> edf_hash;
    std::optional<std::string> htmltext_structure_hash;
    std::optional<std::string> smtp_helo_server_ip;
    std::optional<std::string> smtp_previous_hop_ip;
    std::optional<std::string> x_originating_ip;
    std::optional<std::string> ts [[deprecated("use scanned_at")]];
    std::vector<action_log_entry> action_log [[deprecated("use investigate::action_log")]];
    std::vector<finding> findings [[deprecated("use investigate::detections")]];
};
BOOST_DESCRIBE_STRUCT(message, (),
                      (id, postfix_id, postfix_id_outbound, message_id, alert_id, from, from_name,
                       to, to_name, replyto, subject, envelope_from, envelope_to, client_recipients,
                       delivery_mode, delivery_status, final_disposition, detection_reasons,
                       threat_categories, validation, properties, is_quarantined,
                       is_phish_submission, post_delivery_operations, scanned_at, sent_at,
                       sent_date, edf_hash, htmltext_structure_hash, smtp_helo_server_ip,
                       smtp_previous_hop_ip, x_originating_ip, ts, action_log, findings))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(action_log_entry*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"completed_timestamp"sv};
}

constexpr auto deprecated_fields(message*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"ts"sv, "action_log"sv, "findings"sv};
}

}  // namespace cloudflare::inline v0::email_security
