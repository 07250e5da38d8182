#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/email_security/disposition.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Who made a submission.
enum class submission_type { team, user };
constexpr auto wire_names(submission_type) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{submission_type::team, "Team"sv},
                      std::pair{submission_type::user, "User"sv}};
}

/// What the account has done about a submission.
enum class customer_status { escalated, reviewed, unreviewed };
constexpr auto wire_names(customer_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{customer_status::escalated, "escalated"sv},
                      std::pair{customer_status::reviewed, "reviewed"sv},
                      std::pair{customer_status::unreviewed, "unreviewed"sv}};
}

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// A request to reclassify a message.
struct submission {
    submission() = default;

    std::string submission_id;
    std::optional<open_enum<email_security::submission_type>> type;
    std::optional<std::string> status;
    std::optional<open_enum<email_security::customer_status>> customer_status;
    std::optional<std::string> subject;
    std::optional<open_enum<email_security::submission_disposition>> original_disposition;
    std::optional<open_enum<email_security::submission_disposition>> requested_disposition;
    std::optional<open_enum<email_security::submission_disposition>> outcome_disposition;
    std::optional<std::string> outcome;
    std::optional<std::string> original_postfix_id;
    std::optional<std::string> original_edf_hash;
    std::optional<timestamp> requested_at;
    std::optional<std::string> requested_by;
    std::optional<open_enum<email_security::submission_disposition>> escalated_as;
    std::optional<timestamp> escalated_at;
    std::optional<std::string> escalated_by;
    std::optional<std::string> escalated_submission_id;
    std::optional<std::string> requested_ts [[deprecated("use requested_at")]];
};
BOOST_DESCRIBE_STRUCT(submission, (),
                      (submission_id, type, status, customer_status, subject, original_disposition,
                       requested_disposition, outcome_disposition, outcome, original_postfix_id,
                       original_edf_hash, requested_at, requested_by, escalated_as, escalated_at,
                       escalated_by, escalated_submission_id, requested_ts))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(submission*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"requested_ts"sv};
}

/// Asks for another disposition of a message that has a detection.
class CLOUDFLARE_EXPORT reclassification {
public:
    /// Nothing; it has to be assigned to before it is valid.
    reclassification() noexcept {}
    /// The alert of the detection, and what the message should have been found to be.
    reclassification(std::string alert_id, submission_disposition expected)
        : alert_id_{std::move(alert_id)}, expected_disposition_{expected} {}

    /// The end user's submission that this one escalates.
    reclassification& escalated_submission_id(std::string value) {
        escalated_submission_id_ = std::move(value);
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(reclassification, (), (), (),
                         (alert_id_, expected_disposition_, escalated_submission_id_))

    std::string alert_id_;
    std::optional<submission_disposition> expected_disposition_;
    std::optional<std::string> escalated_submission_id_;
};

/// Reports a message in which nothing was detected.
class CLOUDFLARE_EXPORT missed_detection {
public:
    /// The largest EML file that is sent, in bytes; more than mail of that size is not delivered
    /// anyway. The API names no limit.
    static constexpr std::size_t max_eml_size = std::size_t{25} << 20U;

    /// Nothing; it has to be assigned to before it is valid.
    missed_detection() noexcept {}
    /// The message, by its postfix ID and the Message-ID of its header; to whom it came, at least
    /// one address; and what it should have been found to be.
    missed_detection(std::string postfix_id, std::string message_id,
                     std::vector<std::string> recipient_emails, submission_disposition expected)
        : postfix_id_{std::move(postfix_id)},
          message_id_{std::move(message_id)},
          recipient_emails_{std::move(recipient_emails)},
          expected_disposition_{expected} {}

    /// The EML file itself, at most `max_eml_size`; it is sent in base64.
    missed_detection& eml(std::string_view bytes);
    /// The same, in base64 already (RFC 4648, with padding and without line breaks).
    missed_detection& eml_content(std::string value) {
        eml_content_ = std::move(value);
        return *this;
    }
    /// The end user's submission that this one escalates.
    missed_detection& escalated_submission_id(std::string value) {
        escalated_submission_id_ = std::move(value);
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(missed_detection, (), (), (),
                         (postfix_id_, message_id_, recipient_emails_, expected_disposition_,
                          eml_content_, escalated_submission_id_))

    std::string postfix_id_;
    std::string message_id_;
    std::vector<std::string> recipient_emails_;
    std::optional<submission_disposition> expected_disposition_;
    std::optional<std::string> eml_content_;
    std::optional<std::string> escalated_submission_id_;
};

/// What became of one submitted message.
struct submission_result {
    submission_result() = default;

    std::string id;  ///< which identifier this is, the API does not say
    bool accepted = false;
    std::optional<std::string> error;  ///< why it was not accepted
};
BOOST_DESCRIBE_STRUCT(submission_result, (), (id, accepted, error))

/// What became of each of the messages that were submitted together.
struct submission_results {
    submission_results() = default;

    std::vector<submission_result> results;
};
BOOST_DESCRIBE_STRUCT(submission_results, (), (results))

/// What submissions can be sorted by.
enum class submission_order {
    submission_id,
    subject,
    original_disposition,
    requested_disposition,
    outcome_disposition,
    requested_at
};
constexpr auto wire_names(submission_order) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{submission_order::submission_id, "submission_id"sv},
                      std::pair{submission_order::subject, "subject"sv},
                      std::pair{submission_order::original_disposition, "original_disposition"sv},
                      std::pair{submission_order::requested_disposition, "requested_disposition"sv},
                      std::pair{submission_order::outcome_disposition, "outcome_disposition"sv},
                      std::pair{submission_order::requested_at, "requested_at"sv}};
}

/// Which submissions to list.
class CLOUDFLARE_EXPORT submission_filter : public page_filter<submission_filter> {
public:
    submission_filter() noexcept {}

    submission_filter& type(submission_type value);
    /// Default: 30 days ago.
    submission_filter& start(timestamp value) { return set(start_, value); }
    /// Default: now.
    submission_filter& end(timestamp value) { return set(end_, value); }
    submission_filter& submission_id(std::string value) {
        return set(submission_id_, std::move(value));
    }
    submission_filter& original_disposition(submission_disposition value) {
        return set(original_disposition_, value);
    }
    submission_filter& requested_disposition(submission_disposition value) {
        return set(requested_disposition_, value);
    }
    submission_filter& outcome_disposition(submission_disposition value) {
        return set(outcome_disposition_, value);
    }
    /// `escalated`, `reviewed` or `unreviewed`; the API takes any text.
    submission_filter& status(std::string value) { return set(status_, std::move(value)); }
    submission_filter& query(std::string value) { return set(query_, std::move(value)); }
    /// Only those that an end user escalated, or only the others. Default: both.
    submission_filter& escalated_from_user(bool value) { return set(escalated_from_user_, value); }
    /// Default: most likely by `requested_at`.
    submission_filter& order(submission_order value) { return set(order_, value); }
    submission_filter& direction(email_security::direction value) { return set(direction_, value); }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(submission_filter, (page_filter<submission_filter>), (), (),
                         (type_, start_, end_, submission_id_, original_disposition_,
                          requested_disposition_, outcome_disposition_, status_, query_,
                          escalated_from_user_, order_, direction_))

    std::optional<std::string> type_;  // spelt otherwise than in the answers
    std::optional<timestamp> start_;
    std::optional<timestamp> end_;
    std::optional<std::string> submission_id_;
    std::optional<submission_disposition> original_disposition_;
    std::optional<submission_disposition> requested_disposition_;
    std::optional<submission_disposition> outcome_disposition_;
    std::optional<std::string> status_;
    std::optional<std::string> query_;
    std::optional<bool> escalated_from_user_;
    std::optional<submission_order> order_;
    std::optional<email_security::direction> direction_;
};

/// The requests to judge messages anew, made with `reclassify` and `report_missed` or by end users.
///
/// Retry: `reclassify` and `report_missed` are repeated only when the server certainly did not act:
/// done twice they would report a message twice. When their answer is lost they fail with
/// `outcome::unknown`; `list` says what happened.
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names what is refused before
/// anything is sent; otherwise whatever `client` documents. Cancellation, thread-safety: as
/// `client`.
class CLOUDFLARE_EXPORT submissions {
public:
    struct operations {
        static constexpr named_operation list{
            {http_method::get, "/accounts/{account_id}/email-security/submissions"},
            "submissions",
            "list"};
        static constexpr named_operation submit{
            {http_method::post, "/accounts/{account_id}/email-security/submissions"},
            "submissions",
            "reclassify"};
        static constexpr auto all() { return std::array{list, submit}; }
    };

    /// The account is checked by every operation: 1 to 32 characters.
    submissions(cloudflare::client client, std::string account_id);

    /// Pages of the submissions that pass the filter, one request a page, made as they are asked
    /// for.
    ///
    /// `GET /submissions`; permission: Cloud Email Security Read.
    pager<submission> list(submission_filter which = {}, call_options options = {}) const;

    /// One page of the submissions that pass the filter.
    ///
    /// `GET /submissions`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<submission>>> list_page(submission_filter which,
                                                               call_options options = {}) const;

    /// Asks for other dispositions of messages that have detections; at least one. Success means
    /// that the request was taken (202): each message is accepted or refused by itself.
    ///
    /// `POST /submissions`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<submission_results>> reclassify(
        std::vector<reclassification> messages, call_options options = {}) const;

    /// Reports messages in which nothing was detected; at least one. Success as of `reclassify`.
    ///
    /// `POST /submissions`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<submission_results>> report_missed(
        std::vector<missed_detection> messages, call_options options = {}) const;

private:
    cloudflare::client client_;
    account account_;
};

}  // namespace cloudflare::inline v0::email_security
