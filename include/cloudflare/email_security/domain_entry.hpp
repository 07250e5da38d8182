#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/former_names.hpp>
#include <cloudflare/detail/validation.hpp>
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

/// How mail reaches Email Security.
enum class delivery_mode { direct, bcc, journal, api, retro_scan };
constexpr auto wire_names(delivery_mode) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{delivery_mode::direct, "DIRECT"sv}, std::pair{delivery_mode::bcc, "BCC"sv},
        std::pair{delivery_mode::journal, "JOURNAL"sv}, std::pair{delivery_mode::api, "API"sv},
        std::pair{delivery_mode::retro_scan, "RETRO_SCAN"sv}};
}

/// Where mail is processed.
enum class region { global, australia, germany, india, united_states };
constexpr auto wire_names(region) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{region::global, "GLOBAL"sv}, std::pair{region::australia, "AU"sv},
                      std::pair{region::germany, "DE"sv}, std::pair{region::india, "IN"sv},
                      std::pair{region::united_states, "US"sv}};
}

/// What of a mailbox is scanned.
enum class scanned_folder { all_items, inbox };
constexpr auto wire_names(scanned_folder) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{scanned_folder::all_items, "AllItems"sv},
                      std::pair{scanned_folder::inbox, "Inbox"sv}};
}

/// How far the verification of a domain is.
enum class domain_status { pending, active, failed, timeout };
constexpr auto wire_names(domain_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{domain_status::pending, "PENDING"sv},
                      std::pair{domain_status::active, "ACTIVE"sv},
                      std::pair{domain_status::failed, "FAILED"sv},
                      std::pair{domain_status::timeout, "TIMEOUT"sv}};
}
/// As the API had them until September 2026.
constexpr auto former_names(domain_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{domain_status::pending, "pending"sv},
                      std::pair{domain_status::active, "active"sv},
                      std::pair{domain_status::failed, "failed"sv},
                      std::pair{domain_status::timeout, "timeout"sv}};
}

/// Who keeps the mailboxes.
enum class inbox_provider { microsoft, google };
constexpr auto wire_names(inbox_provider) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{inbox_provider::microsoft, "Microsoft"sv},
                      std::pair{inbox_provider::google, "Google"sv}};
}

/// What was found of DMARC.
enum class dmarc_status { none, good, invalid };
constexpr auto wire_names(dmarc_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{dmarc_status::none, "none"sv},
                      std::pair{dmarc_status::good, "good"sv},
                      std::pair{dmarc_status::invalid, "invalid"sv}};
}

/// What was found of SPF.
enum class spf_status { none, good, neutral, open, invalid };
constexpr auto wire_names(spf_status) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{spf_status::none, "none"sv}, std::pair{spf_status::good, "good"sv},
                      std::pair{spf_status::neutral, "neutral"sv},
                      std::pair{spf_status::open, "open"sv},
                      std::pair{spf_status::invalid, "invalid"sv}};
}

/// Whether Email Security may act on a domain.
struct domain_authorization {
    domain_authorization() = default;

    bool authorized = false;
    std::optional<std::string> status_message;
    std::optional<cloudflare::timestamp> timestamp;
};
BOOST_DESCRIBE_STRUCT(domain_authorization, (), (authorized, status_message, timestamp))

/// How much mail of a domain was processed.
struct emails_processed {
    emails_processed() = default;

    std::int64_t total_emails_processed = 0;
    std::int64_t total_emails_processed_previous = 0;
    std::optional<cloudflare::timestamp> timestamp;
};
BOOST_DESCRIBE_STRUCT(emails_processed, (),
                      (total_emails_processed, total_emails_processed_previous, timestamp))

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// A protected domain, as the API gives it. Any field may be absent.
struct domain_entry {
    domain_entry() = default;

    identifier id;                      ///< empty when absent
    std::optional<std::string> domain;  ///< its name
    std::optional<open_enum<email_security::domain_status>> status;
    std::vector<open_enum<delivery_mode>> allowed_delivery_modes;
    std::vector<open_enum<disposition>> drop_dispositions;
    std::vector<std::string> ip_restrictions;
    std::vector<open_enum<region>> regions;
    std::optional<open_enum<email_security::scanned_folder>> folder;
    std::optional<std::string> integration_id;
    std::optional<std::int64_t> lookback_hops;
    std::optional<bool> require_tls_inbound;
    std::optional<bool> require_tls_outbound;
    std::optional<std::string> transport;
    std::optional<domain_authorization> authorization;
    std::optional<open_enum<email_security::dmarc_status>> dmarc_status;
    std::optional<open_enum<email_security::spf_status>> spf_status;
    std::optional<open_enum<email_security::inbox_provider>> inbox_provider;
    std::optional<std::string> o365_tenant_id;
    std::optional<email_security::emails_processed> emails_processed;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
};
BOOST_DESCRIBE_STRUCT(domain_entry, (),
                      (id, domain, status, allowed_delivery_modes, drop_dispositions,
                       ip_restrictions, regions, folder, integration_id, lookback_hops,
                       require_tls_inbound, require_tls_outbound, transport, authorization,
                       dmarc_status, spf_status, inbox_provider, o365_tenant_id, emails_processed,
                       created_at, modified_at, last_modified))

#pragma GCC diagnostic pop

/// What to put into the DNS to verify a domain, and how that stands.
struct domain_verification {
    domain_verification() = default;

    std::optional<open_enum<email_security::domain_status>> status;
    std::string txt_record_name;
    std::string txt_record_value;
    std::optional<timestamp> last_checked_at;  ///< empty when it was not checked yet
};
BOOST_DESCRIBE_STRUCT(domain_verification, (),
                      (status, txt_record_name, txt_record_value, last_checked_at))

}  // namespace cloudflare::inline v0::email_security
