#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/disposition.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// A label of a report.
struct phishguard_tag {
    phishguard_tag() = default;

    std::string category;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(phishguard_tag, (), (category, value))

/// The message that a report is about.
struct phishguard_message {
    phishguard_message() = default;

    std::optional<std::string> from;
    std::vector<std::string> to;
    std::optional<std::string> postfix_id;
    std::optional<timestamp> occurred_at;
    std::optional<timestamp> ts [[deprecated("use occurred_at")]];
};
BOOST_DESCRIBE_STRUCT(phishguard_message, (), (from, to, postfix_id, occurred_at, ts))

/// A report of PhishGuard.
struct phishguard_report {
    phishguard_report() = default;

    identifier id;  ///< an integer on the wire
    std::string title;
    std::string content;
    open_enum<email_security::disposition> disposition;
    std::string priority;
    phishguard_message fields;
    std::vector<phishguard_tag> tags;
    std::optional<timestamp> created_at;
    std::optional<timestamp> updated_at;
    std::optional<timestamp> ts [[deprecated("use created_at")]];
};
BOOST_DESCRIBE_STRUCT(phishguard_report, (),
                      (id, title, content, disposition, priority, fields, tags, created_at,
                       updated_at, ts))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(phishguard_message*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"ts"sv};
}

constexpr auto deprecated_fields(phishguard_report*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"ts"sv};
}

/// Which reports to list.
class CLOUDFLARE_EXPORT phishguard_filter : public page_filter<phishguard_filter> {
public:
    phishguard_filter() noexcept {}

    phishguard_filter& start(timestamp value) { return set(start_, value); }
    phishguard_filter& end(timestamp value) { return set(end_, value); }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(phishguard_filter, (page_filter<phishguard_filter>), (), (),
                         (start_, end_))

    std::optional<timestamp> start_;
    std::optional<timestamp> end_;
};

/// The reports of PhishGuard.
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names what is refused before
/// anything is sent; otherwise whatever `client` documents. Cancellation, thread-safety: as
/// `client`.
class CLOUDFLARE_EXPORT phishguard_reports {
public:
    struct operations {
        static constexpr named_operation list{
            {http_method::get, "/accounts/{account_id}/email-security/phishguard/reports"},
            "phishguard_reports",
            "list"};
        static constexpr auto all() { return std::array{list}; }
    };

    /// The account is checked by every operation: 1 to 32 characters.
    phishguard_reports(cloudflare::client client, std::string account_id);

    /// Pages of the reports that pass the filter, one request a page, made as they are asked for.
    ///
    /// `GET /phishguard/reports`; permission: Cloud Email Security Read.
    pager<phishguard_report> list(phishguard_filter which = {}, call_options options = {}) const;

    /// One page of the reports that pass the filter.
    ///
    /// `GET /phishguard/reports`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<phishguard_report>>> list_page(
        phishguard_filter which, call_options options = {}) const;

    /// All reports that pass the filter, whatever its `page` and `per_page` say, in pages of 1000.
    /// Those that come while it reads may be among them or not; none is there twice.
    ///
    /// `GET /phishguard/reports`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<std::vector<phishguard_report>>> list_all(
        phishguard_filter which = {}, call_options options = {}) const;

private:
    cloudflare::client client_;
    account account_;
};

}  // namespace cloudflare::inline v0::email_security
