#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/email_security/analytics.hpp>

namespace cloudflare::inline v0::email_security {

analytics::analytics(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

boost::asio::awaitable<result<monthly_report>> analytics::monthly_report(
    call_options options) const {
    return invoke<email_security::monthly_report>(
        client_, make_request(operations::monthly_report.what, account_, {}), std::move(options));
}

}  // namespace cloudflare::inline v0::email_security
