#include <cloudflare/email_security/phishguard.hpp>
#include <cloudflare/detail/invoke.hpp>

namespace cloudflare::email_security {

namespace {

/// `2014-01-31`.
std::string to_date(std::chrono::year_month_day value) {
    return to_string(timestamp{std::chrono::sys_days{value}}).substr(0, 10);
}

}  // namespace

phishguard_filter& phishguard_filter::from_date(std::chrono::year_month_day value) {
    from_date_ = email_security::to_date(value);
    return *this;
}

phishguard_filter& phishguard_filter::to_date(std::chrono::year_month_day value) {
    to_date_ = email_security::to_date(value);
    return *this;
}

result<void> phishguard_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return {};
}

phishguard_reports::phishguard_reports(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

boost::asio::awaitable<result<std::vector<phishguard_report>>> phishguard_reports::list(
    phishguard_filter which, call_options options) const {
    auto message = make_request(operations::list.what, account_, {});
    set_query(message, which);
    return invoke<std::vector<phishguard_report>>(client_, std::move(message), std::move(options));
}

}  // namespace cloudflare::email_security
