#include "email_security/eml_content.hpp"
#include "wire/base64.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/email_security/submissions.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t any_length = std::size_t(-1);

/// The body of a submission of messages of one kind.
template <class Message>
struct submission_request {
    std::string type;
    std::vector<Message> messages;

    result<void> validate() const {
        if (messages.empty()) return invalid_field("messages", "is empty");
        for (std::size_t i = 0; i != messages.size(); ++i) {
            if (auto const valid = messages[i].validate(); !valid) {
                return within(valid.error(), "/messages", i);
            }
        }
        return {};
    }

    BOOST_DESCRIBE_CLASS(submission_request, (), (type, messages), (), ())
};

std::optional<error> check_results(std::size_t asked, std::size_t answered) {
    if (answered == asked) return std::nullopt;
    return error{answered < asked ? errc::malformed_response : errc::conflict,
                 "the answer is about " + std::to_string(answered) + " messages instead of " +
                     std::to_string(asked)};
}

template <class Message>
boost::asio::awaitable<result<submission_results>> submit(client const& with, account const& on,
                                                          std::string type,
                                                          std::vector<Message> messages,
                                                          call_options options) {
    auto message = make_request(submissions::operations::submit.what, on, {});
    submission_request<Message> body;
    body.type = std::move(type);
    body.messages = std::move(messages);
    set_body(message, body);
    // Which identifiers the answer has is not documented, so they are only counted.
    auto check = [asked = body.messages.size()](submission_results const& got) {
        return check_results(asked, got.results.size());
    };
    return invoke_checked<submission_results>(with, std::move(message), std::move(check),
                                              std::move(options));
}

result<void> check_expected(std::optional<submission_disposition> const& value) {
    return value ? result<void>{} : invalid_field("expected_disposition", "is not given");
}

result<void> check_recipients(std::vector<std::string> const& values) {
    if (values.empty()) return invalid_field("recipient_emails", "is empty");
    for (auto const& each : values) {
        if (auto const valid = check_text("recipient_emails", each, 1, any_length); !valid) {
            return valid;
        }
    }
    return {};
}

}  // namespace

result<void> reclassification::validate() const {
    if (auto const valid = check_text("alert_id", alert_id_, 1, any_length); !valid) return valid;
    return check_expected(expected_disposition_);
}

missed_detection& missed_detection::eml(std::string_view bytes) {
    eml_content_ = wire::to_base64(bytes);
    return *this;
}

result<void> missed_detection::validate() const {
    if (auto const valid = check_text("postfix_id", postfix_id_, 1, any_length); !valid) {
        return valid;
    }
    if (auto const valid = check_text("message_id", message_id_, 1, any_length); !valid) {
        return valid;
    }
    if (auto const valid = check_recipients(recipient_emails_); !valid) return valid;
    if (auto const valid = check_expected(expected_disposition_); !valid) return valid;
    return check_eml_content(eml_content_);
}

submission_filter& submission_filter::type(submission_type value) {
    type_ = value == submission_type::team ? "TEAM" : "USER";
    return *this;
}

result<void> submission_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return page_filter::validate();
}

submissions::submissions(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

pager<submission> submissions::list(submission_filter which, call_options options) const {
    auto read = [self = *this, options = std::move(options)](submission_filter one) {
        return self.list_page(std::move(one), options);
    };
    return pages_of<submission>(std::move(which), std::move(read));
}

boost::asio::awaitable<result<page<submission>>> submissions::list_page(
    submission_filter which, call_options options) const {
    auto message = make_request(operations::list.what, account_, {});
    set_query(message, which);
    return invoke_page<submission>(client_, std::move(message), std::move(options));
}

boost::asio::awaitable<result<submission_results>> submissions::reclassify(
    std::vector<reclassification> messages, call_options options) const {
    return submit(client_, account_, "reclassification", std::move(messages), std::move(options));
}

boost::asio::awaitable<result<submission_results>> submissions::report_missed(
    std::vector<missed_detection> messages, call_options options) const {
    return submit(client_, account_, "missed_detection", std::move(messages), std::move(options));
}

}  // namespace cloudflare::inline v0::email_security
