#include "email_security/domain_checks.hpp"
#include "email_security/pattern_checks.hpp"

#include <cloudflare/email_security/domains.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

result<void> check_count(std::string_view field, std::size_t count, std::size_t min,
                         std::size_t max) {
    if (count >= min && count <= max) return {};
    return invalid_field(field, "has " + std::to_string(count) + " elements; from " +
                                    std::to_string(min) + " to " + std::to_string(max) +
                                    " are allowed");
}

result<void> check_hops(std::int64_t value) {
    return check_range("lookback_hops", value, 1, 20);
}

result<void> check_integration(std::string_view value) {
    return check_text("integration_id", value, 1, 1024);
}

result<void> check_transport(std::string_view value) {
    return check_text("transport", value, 0, std::size_t(-1));
}

result<void> check_ips(std::vector<std::string> const& values) {
    return check_texts("ip_restrictions", values);
}

}  // namespace

template <class Derived>
result<void> domain_settings<Derived>::validate() const {
    auto const modes = allowed_delivery_modes_.size();
    auto const dispositions = drop_dispositions_.size();
    for (auto const& valid :
         {check_count("allowed_delivery_modes", modes, 1, 10),
          check_count("regions", regions_.size(), 1, 10),
          check_count("drop_dispositions", dispositions, 0, 10),
          check_count("ip_restrictions", ip_restrictions_.size(), 0, 100),
          check_ips(ip_restrictions_), check_set(lookback_hops_, check_hops),
          check_set(integration_id_, check_integration), check_set(transport_, check_transport)}) {
        if (!valid) return valid;
    }
    return {};
}

template class domain_settings<new_domain>;
template class domain_settings<domain_replacement>;

result<void> new_domain::validate() const {
    if (auto const valid = check_domain(domain_); !valid) return valid;
    return domain_settings::validate();
}

result<void> domain_patch::validate() const {
    for (auto const& valid :
         {check_any_given(*this), check_set(ip_restrictions_, check_ips),
          check_set(lookback_hops_, check_hops), check_set(integration_id_, check_integration),
          check_set(transport_, check_transport)}) {
        if (!valid) return valid;
    }
    return {};
}

boost::asio::awaitable<result<std::optional<domain_verification>>> domains::verification(
    identifier id, call_options options) const {
    return invoke<std::optional<domain_verification>>(
        client(), make_request(operations::verification.what, account(), id),
        std::move(options));
}

boost::asio::awaitable<result<std::vector<deleted>>> domains::bulk_remove(
    call_options options) const {
    auto message = make_request(operations::bulk_remove.what, account(), {});
    // A second one would say that nothing was there, and take what came in between.
    if (message) message->is_sent_once = true;
    return invoke<std::vector<deleted>>(client(), std::move(message), std::move(options));
}

}  // namespace cloudflare::inline v0::email_security
