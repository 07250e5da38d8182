#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/named_operation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// How many messages had a disposition.
struct disposition_count {
    disposition_count() = default;

    std::optional<std::string> disposition;  ///< as the report spells it
    std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(disposition_count, (), (disposition, total))

/// What the last twelve months came to.
struct monthly_report {
    monthly_report() = default;

    /// By month, as `2026-10`. Whether a month without mail is in it, the API does not say.
    std::map<std::string, std::vector<disposition_count>> by_month;
};
BOOST_DESCRIBE_STRUCT(monthly_report, (), (by_month))

/// Figures about the mail of an account.
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names what is refused before
/// anything is sent; otherwise whatever `client` documents. Cancellation, thread-safety: as
/// `client`.
class CLOUDFLARE_EXPORT analytics {
public:
    struct operations {
        static constexpr named_operation monthly_report{
            {http_method::get, "/accounts/{account_id}/email-security/analytics/monthly_report"},
            "analytics",
            "monthly_report"};
        static constexpr auto all() { return std::array{monthly_report}; }
    };

    /// The account is checked by every operation: 1 to 32 characters.
    analytics(cloudflare::client client, std::string account_id);

    /// The messages of each of the last twelve months, by disposition.
    ///
    /// `GET /analytics/monthly_report`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<email_security::monthly_report>> monthly_report(
        call_options options = {}) const;

private:
    cloudflare::client client_;
    account account_;
};

}  // namespace cloudflare::inline v0::email_security
