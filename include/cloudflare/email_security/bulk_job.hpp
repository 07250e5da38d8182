#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/disposition.hpp>
#include <cloudflare/email_security/message.hpp>
#include <cloudflare/email_security/message_filter.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What a bulk job does with messages.
enum class bulk_action { move, release };
constexpr auto wire_names(bulk_action) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{bulk_action::move, "MOVE"sv},
                      std::pair{bulk_action::release, "RELEASE"sv}};
}

/// How far a bulk job, or one of its messages, has come.
enum class bulk_status { pending, discovering, processing, completed, failed, cancelled, skipped };
constexpr auto wire_names(bulk_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{bulk_status::pending, "PENDING"sv},
                      std::pair{bulk_status::discovering, "DISCOVERING"sv},
                      std::pair{bulk_status::processing, "PROCESSING"sv},
                      std::pair{bulk_status::completed, "COMPLETED"sv},
                      std::pair{bulk_status::failed, "FAILED"sv},
                      std::pair{bulk_status::cancelled, "CANCELLED"sv},
                      std::pair{bulk_status::skipped, "SKIPPED"sv}};
}

/// Whether nothing more will happen: completed, failed, cancelled or skipped.
constexpr bool is_ended(bulk_status value) noexcept {
    return value == bulk_status::completed || value == bulk_status::failed ||
           value == bulk_status::cancelled || value == bulk_status::skipped;
}

/// Which messages a bulk job is for: those that a search with the same terms finds.
class CLOUDFLARE_EXPORT bulk_search {
public:
    bulk_search() noexcept {}

    bulk_search& start(timestamp value) {
        start_ = value;
        return *this;
    }
    bulk_search& end(timestamp value) {
        end_ = value;
        return *this;
    }
    /// Words, separated by spaces.
    bulk_search& query(std::string value) {
        query_ = std::move(value);
        return *this;
    }
    /// Default of the API: true.
    bulk_search& detections_only(bool value) {
        detections_only_ = value;
        return *this;
    }
    bulk_search& final_disposition(disposition value) {
        final_disposition_ = value;
        return *this;
    }
    bulk_search& message_action(email_security::message_action value) {
        message_action_ = value;
        return *this;
    }
    bulk_search& delivery_status(email_security::delivery_status value) {
        delivery_status_ = value;
        return *this;
    }
    bulk_search& recipient(std::string value) {
        recipient_ = std::move(value);
        return *this;
    }
    bulk_search& sender(std::string value) {
        sender_ = std::move(value);
        return *this;
    }
    /// The domain of the sender, of a recipient, or of a link in the message.
    bulk_search& domain(std::string value) {
        domain_ = std::move(value);
        return *this;
    }
    bulk_search& subject(std::string value) {
        subject_ = std::move(value);
        return *this;
    }
    bulk_search& exact_subject(std::string value) {
        exact_subject_ = std::move(value);
        return *this;
    }
    bulk_search& message_id(std::string value) {
        message_id_ = std::move(value);
        return *this;
    }
    bulk_search& alert_id(std::string value) {
        alert_id_ = std::move(value);
        return *this;
    }
    bulk_search& metric(std::string value) {
        metric_ = std::move(value);
        return *this;
    }
    /// The IP address that the sending server had.
    bulk_search& smtp_helo_ip(std::string value) {
        smtp_helo_ip_ = std::move(value);
        return *this;
    }
    /// Default of the API: false.
    bulk_search& submissions(bool value) {
        submissions_ = value;
        return *this;
    }

    std::optional<timestamp> const& start() const noexcept { return start_; }
    std::optional<timestamp> const& end() const noexcept { return end_; }
    std::optional<std::string> const& query() const noexcept { return query_; }
    std::optional<bool> const& detections_only() const noexcept { return detections_only_; }
    std::optional<open_enum<disposition>> const& final_disposition() const noexcept {
        return final_disposition_;
    }
    /// The `message_action` that was given, or none.
    std::optional<open_enum<email_security::message_action>> const& message_action()
        const noexcept {
        return message_action_;
    }
    /// The `delivery_status` that was given, or none.
    std::optional<open_enum<email_security::delivery_status>> const& delivery_status()
        const noexcept {
        return delivery_status_;
    }
    std::optional<std::string> const& recipient() const noexcept { return recipient_; }
    std::optional<std::string> const& sender() const noexcept { return sender_; }
    std::optional<std::string> const& domain() const noexcept { return domain_; }
    std::optional<std::string> const& subject() const noexcept { return subject_; }
    std::optional<std::string> const& exact_subject() const noexcept { return exact_subject_; }
    std::optional<std::string> const& message_id() const noexcept { return message_id_; }
    std::optional<std::string> const& alert_id() const noexcept { return alert_id_; }
    std::optional<std::string> const& metric() const noexcept { return metric_; }
    std::optional<std::string> const& smtp_helo_ip() const noexcept { return smtp_helo_ip_; }
    std::optional<bool> const& submissions() const noexcept { return submissions_; }

    /// Forgets what jobs of an older form may have and the API takes no more.
    bulk_search& drop_ended_fields() {
        action_log_.reset();
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(bulk_search, (), (), (),
                         (start_, end_, query_, detections_only_, final_disposition_,
                          message_action_, delivery_status_, recipient_, sender_, domain_, subject_,
                          exact_subject_, message_id_, alert_id_, metric_, smtp_helo_ip_,
                          submissions_, action_log_))

    std::optional<timestamp> start_;
    std::optional<timestamp> end_;
    std::optional<std::string> query_;
    std::optional<bool> detections_only_;
    std::optional<open_enum<disposition>> final_disposition_;
    std::optional<open_enum<email_security::message_action>> message_action_;
    std::optional<open_enum<email_security::delivery_status>> delivery_status_;
    std::optional<std::string> recipient_;
    std::optional<std::string> sender_;
    std::optional<std::string> domain_;
    std::optional<std::string> subject_;
    std::optional<std::string> exact_subject_;
    std::optional<std::string> message_id_;
    std::optional<std::string> alert_id_;
    std::optional<std::string> metric_;
    std::optional<std::string> smtp_helo_ip_;
    std::optional<bool> submissions_;
    std::optional<bool> action_log_;  // only read
};

constexpr auto deprecated_fields(bulk_search*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"action_log"sv};
}

/// Particulars of what a bulk job does.
struct bulk_action_params {
    bulk_action_params() = default;

    open_enum<email_security::bulk_action> type;
    std::optional<open_enum<email_security::mailbox_folder>> destination;        ///< only of a move
    std::optional<open_enum<email_security::disposition>> expected_disposition;  ///< only of a move
};
BOOST_DESCRIBE_STRUCT(bulk_action_params, (), (type, destination, expected_disposition))

/// Particulars of what a bulk job does with one message.
struct bulk_message_params {
    bulk_message_params() = default;

    open_enum<email_security::bulk_action> type;
    std::string client_recipient;
    std::optional<open_enum<email_security::mailbox_folder>> destination;        ///< only of a move
    std::optional<open_enum<email_security::disposition>> expected_disposition;  ///< only of a move
};
BOOST_DESCRIBE_STRUCT(bulk_message_params, (),
                      (type, client_recipient, destination, expected_disposition))

/// A job that moves or releases all messages that a search finds.
struct bulk_job {
    bulk_job() = default;

    identifier job_id;
    open_enum<email_security::bulk_action> action_type;
    bulk_action_params action_params;
    bulk_search search_params;
    open_enum<email_security::bulk_status> status;
    std::optional<std::string> status_message;
    std::optional<std::string> comment;
    std::int64_t total_messages_discovered = 0;
    std::int64_t messages_pending = 0;
    std::int64_t messages_successful = 0;
    std::int64_t messages_failed = 0;
    std::int64_t messages_skipped = 0;
    std::int64_t messages_cancelled = 0;
    std::optional<timestamp> created_at;
    std::optional<timestamp> started_at;
    std::optional<timestamp> completed_at;
};
BOOST_DESCRIBE_STRUCT(bulk_job, (),
                      (job_id, action_type, action_params, search_params, status, status_message,
                       comment, total_messages_discovered, messages_pending, messages_successful,
                       messages_failed, messages_skipped, messages_cancelled, created_at,
                       started_at, completed_at))

/// How many of a job's messages were not done: failed, skipped, cancelled, or still pending.
constexpr std::int64_t count_not_done(bulk_job const& job) noexcept {
    return job.messages_failed + job.messages_skipped + job.messages_cancelled +
           job.messages_pending;
}

/// A message that a bulk job deals with.
struct bulk_message {
    bulk_message() = default;

    identifier message_id;  ///< within the job: a UUID
    std::string postfix_id;
    std::optional<std::string> alert_id;
    std::optional<std::string> email_message_id;  ///< of the message header
    open_enum<email_security::bulk_action> action_type;
    bulk_message_params action_params;
    open_enum<email_security::bulk_status> status;
    std::optional<std::string> status_message;
    std::int64_t retry_count = 0;
    std::optional<timestamp> retry_after;  ///< when a failed action is tried again
    std::optional<timestamp> created_at;
    std::optional<timestamp> processed_at;
    std::optional<email_security::message> message;  ///< the whole message, where the API gives it
};
BOOST_DESCRIBE_STRUCT(bulk_message, (),
                      (message_id, postfix_id, alert_id, email_message_id, action_type,
                       action_params, status, status_message, retry_count, retry_after, created_at,
                       processed_at, message))

}  // namespace cloudflare::inline v0::email_security
