#include "../patterns.hpp"
#include "../text.hpp"
#include "collections.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace cloudflare::inline v0::simulator {

namespace {

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i != text.size(); ++i) {
        char const c = text[i];
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool const hex = is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

void check(collection const& c, row const& values, std::string const& at, problems& found) {
    auto const* const domain = values[*c.find("domain")].if_string();
    if (domain && !is_domain(*domain)) {
        found.add(400, "domain is not a domain name", at + "/domain");
    }
    auto const* const integration = values[*c.find("integration_id")].if_string();
    if (integration && !is_uuid(*integration)) {
        found.add(400, "integration_id is not a UUID", at + "/integration_id");
    }
}

/// A domain that comes over the API awaits the DNS record that proves it, and has had no mail.
void complete(collection const& c, row& values, std::string const& name, std::string const& now) {
    auto const value = [&](std::string_view field_name) -> boost::json::value& {
        return values[*c.find(field_name)];
    };
    value("status") = "PENDING";
    value("dmarc_status") = "none";
    value("spf_status") = "none";
    value("authorization") = {
        {"authorized", false}, {"status_message", "Awaiting verification"}, {"timestamp", now}};
    value("emails_processed") = {
        {"total_emails_processed", 0}, {"total_emails_processed_previous", 0}, {"timestamp", now}};
    std::string token = "cf-verify-" + name;
    std::erase(token, '"');
    value("verification_token") = token;
}

}  // namespace

collection const& domains() {
    static std::vector<std::string_view> const modes{"DIRECT", "BCC", "JOURNAL", "API",
                                                     "RETRO_SCAN"};
    static collection const description{
        .name = "domains",
        .fields =
            {
                {.name = "domain",
                 .required = true,
                 .immutable = true,
                 .filter = true,
                 .order = true,
                 .search = true,
                 .caseless = true},
                {.name = "allowed_delivery_modes",
                 .type = field_type::text_list,
                 .required = true,
                 .min_items = 1,
                 .max_items = 10,
                 .values = modes},
                {.name = "drop_dispositions",
                 .type = field_type::text_list,
                 .required = true,
                 .max_items = 10,
                 .values = {"MALICIOUS", "MALICIOUS-BEC", "SUSPICIOUS", "SPOOF", "SPAM", "BULK",
                            "ENCRYPTED", "EXTERNAL", "UNKNOWN", "NONE"}},
                {.name = "ip_restrictions",
                 .type = field_type::text_list,
                 .required = true,
                 .max_items = 100},
                {.name = "regions",
                 .type = field_type::text_list,
                 .required = true,
                 .min_items = 1,
                 .max_items = 10,
                 .values = {"GLOBAL", "AU", "DE", "IN", "US"}},
                {.name = "folder", .nullable = true, .values = {"AllItems", "Inbox"}},
                {.name = "integration_id", .nullable = true, .filter = true},
                {.name = "lookback_hops",
                 .type = field_type::integer,
                 .no_null_in_patch = true,
                 .min_value = 1,
                 .max_value = 20},
                {.name = "require_tls_inbound",
                 .type = field_type::boolean,
                 .nullable = true,
                 .no_null_in_patch = true},
                {.name = "require_tls_outbound",
                 .type = field_type::boolean,
                 .nullable = true,
                 .no_null_in_patch = true},
                {.name = "transport", .no_null_in_patch = true},
                {.name = "status",
                 .nullable = true,
                 .read_only = true,
                 .filter = true,
                 .values = {"PENDING", "ACTIVE", "FAILED", "TIMEOUT"}},
                {.name = "authorization", .type = field_type::object, .read_only = true},
                {.name = "emails_processed", .type = field_type::object, .read_only = true},
                {.name = "dmarc_status",
                 .nullable = true,
                 .read_only = true,
                 .values = {"none", "good", "invalid"}},
                {.name = "spf_status",
                 .nullable = true,
                 .read_only = true,
                 .values = {"none", "good", "neutral", "open", "invalid"}},
                {.name = "inbox_provider",
                 .nullable = true,
                 .read_only = true,
                 .values = {"Microsoft", "Google"}},
                {.name = "o365_tenant_id", .nullable = true, .read_only = true},
                {.name = "verification_token", .hidden = true},
            },
        .natural_key = {"domain"},
        // The one mode in use is not told in the entry; here it is the first that is allowed.
        .parameters = {{"allowed_delivery_mode", "allowed_delivery_modes"},
                       {"active_delivery_mode", "allowed_delivery_modes", true}},
        .has_put = true,
        .has_delete_all = true,
        .has_verification = true,
        .unknown = unknown_fields::refused_on_create,
        .put_requires = true,
        .patch_may_be_empty = true,
        .check = check,
        .complete = complete,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
