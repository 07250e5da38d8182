#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/disposition.hpp>
#include <cloudflare/email_security/message.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// A folder of a mailbox.
enum class mailbox_folder {
    inbox,
    junk_email,
    deleted_items,
    recoverable_items_deletions,
    recoverable_items_purges
};
constexpr auto wire_names(mailbox_folder) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{mailbox_folder::inbox, "Inbox"sv},
        std::pair{mailbox_folder::junk_email, "JunkEmail"sv},
        std::pair{mailbox_folder::deleted_items, "DeletedItems"sv},
        std::pair{mailbox_folder::recoverable_items_deletions, "RecoverableItemsDeletions"sv},
        std::pair{mailbox_folder::recoverable_items_purges, "RecoverableItemsPurges"sv}};
}

/// What was done with a message, as far as it can be searched for.
enum class message_action { preview, quarantine_released, moved };
constexpr auto wire_names(message_action) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{message_action::preview, "PREVIEW"sv},
                      std::pair{message_action::quarantine_released, "QUARANTINE_RELEASED"sv},
                      std::pair{message_action::moved, "MOVED"sv}};
}

/// Which messages to search for.
class CLOUDFLARE_EXPORT message_filter {
public:
    message_filter() noexcept {}

    /// Default: 30 days ago. Not in the future.
    message_filter& start(timestamp value) {
        start_ = value;
        return *this;
    }
    /// Default: now.
    message_filter& end(timestamp value) {
        end_ = value;
        return *this;
    }
    /// Words, separated by spaces; upper and lower case are the same. Also found in the names and
    /// hashes of attachments.
    message_filter& query(std::string value) {
        query_ = std::move(value);
        return *this;
    }
    /// Default true.
    message_filter& detections_only(bool value) {
        detections_only_ = value;
        return *this;
    }
    message_filter& final_disposition(submission_disposition value) {
        final_disposition_ = value;
        return *this;
    }
    message_filter& metric(std::string value) {
        metric_ = std::move(value);
        return *this;
    }
    message_filter& message_action(email_security::message_action value) {
        message_action_ = value;
        return *this;
    }
    /// An address or a domain.
    message_filter& recipient(std::string value) {
        recipient_ = std::move(value);
        return *this;
    }
    /// An address or a domain.
    message_filter& sender(std::string value) {
        sender_ = std::move(value);
        return *this;
    }
    message_filter& alert_id(std::string value) {
        alert_id_ = std::move(value);
        return *this;
    }
    /// The domain of the sender, of a recipient, or of a link in the message.
    message_filter& domain(std::string value) {
        domain_ = std::move(value);
        return *this;
    }
    message_filter& message_id(std::string value) {
        message_id_ = std::move(value);
        return *this;
    }
    /// Single words of it.
    message_filter& subject(std::string value) {
        subject_ = std::move(value);
        return *this;
    }
    /// The IP address that the sending server had.
    message_filter& smtp_helo_ip(std::string value) {
        smtp_helo_ip_ = std::move(value);
        return *this;
    }
    message_filter& delivery_status(email_security::delivery_status value) {
        delivery_status_ = value;
        return *this;
    }
    /// Where to go on: `page_info::next` or `previous` of a page before.
    message_filter& cursor(std::string value) {
        cursor_ = std::move(value);
        return *this;
    }
    /// Messages on a page, 1 to 1000. Default: 20 by the API.
    message_filter& per_page(std::int64_t value) {
        per_page_ = value;
        return *this;
    }
    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(message_filter, (), (), (),
                         (start_, end_, query_, detections_only_, final_disposition_, metric_,
                          message_action_, recipient_, sender_, alert_id_, domain_, message_id_,
                          subject_, smtp_helo_ip_, delivery_status_, cursor_, per_page_))

    std::optional<timestamp> start_;
    std::optional<timestamp> end_;
    std::optional<std::string> query_;
    std::optional<bool> detections_only_;
    std::optional<submission_disposition> final_disposition_;
    std::optional<std::string> metric_;
    std::optional<email_security::message_action> message_action_;
    std::optional<std::string> recipient_;
    std::optional<std::string> sender_;
    std::optional<std::string> alert_id_;
    std::optional<std::string> domain_;
    std::optional<std::string> message_id_;
    std::optional<std::string> subject_;
    std::optional<std::string> smtp_helo_ip_;
    std::optional<email_security::delivery_status> delivery_status_;
    std::optional<std::string> cursor_;
    std::optional<std::int64_t> per_page_;
};

}  // namespace cloudflare::inline v0::email_security
