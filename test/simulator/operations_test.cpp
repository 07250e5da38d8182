#include "mail.hpp"

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <iterator>
#include <string_view>

BOOST_FIXTURE_TEST_SUITE(operations, test::with_mail)

// All that the API has; `x` stands for an identifier.
BOOST_AUTO_TEST_CASE(every_operation_has_a_route) {
    struct {
        std::string_view method;
        std::string_view path;
    } const all[] = {
        {"GET", "analytics/monthly_report"},
        {"GET", "investigate"},
        {"GET", "investigate/bulk"},
        {"POST", "investigate/bulk"},
        {"DELETE", "investigate/bulk/x"},
        {"GET", "investigate/bulk/x"},
        {"POST", "investigate/bulk/x/cancel"},
        {"GET", "investigate/bulk/x/messages"},
        {"POST", "investigate/move"},
        {"POST", "investigate/preview"},
        {"POST", "investigate/release"},
        {"GET", "investigate/x"},
        {"GET", "investigate/x/action_log"},
        {"GET", "investigate/x/detections"},
        {"POST", "investigate/x/move"},
        {"GET", "investigate/x/preview"},
        {"GET", "investigate/x/raw"},
        {"POST", "investigate/x/reclassify"},
        {"GET", "investigate/x/trace"},
        {"GET", "phishguard/reports"},
        {"GET", "settings/allow_policies"},
        {"POST", "settings/allow_policies"},
        {"POST", "settings/allow_policies/batch"},
        {"DELETE", "settings/allow_policies/x"},
        {"GET", "settings/allow_policies/x"},
        {"PATCH", "settings/allow_policies/x"},
        {"PUT", "settings/allow_policies/x"},
        {"GET", "settings/block_senders"},
        {"POST", "settings/block_senders"},
        {"POST", "settings/block_senders/batch"},
        {"DELETE", "settings/block_senders/x"},
        {"GET", "settings/block_senders/x"},
        {"PATCH", "settings/block_senders/x"},
        {"PUT", "settings/block_senders/x"},
        {"GET", "settings/content_policies"},
        {"POST", "settings/content_policies"},
        {"POST", "settings/content_policies/batch"},
        {"DELETE", "settings/content_policies/x"},
        {"GET", "settings/content_policies/x"},
        {"PATCH", "settings/content_policies/x"},
        {"DELETE", "settings/domains"},
        {"GET", "settings/domains"},
        {"POST", "settings/domains"},
        {"POST", "settings/domains/batch"},
        {"DELETE", "settings/domains/x"},
        {"GET", "settings/domains/x"},
        {"PATCH", "settings/domains/x"},
        {"PUT", "settings/domains/x"},
        {"GET", "settings/domains/x/verification"},
        {"GET", "settings/impersonation_registry"},
        {"POST", "settings/impersonation_registry"},
        {"DELETE", "settings/impersonation_registry/x"},
        {"GET", "settings/impersonation_registry/x"},
        {"PATCH", "settings/impersonation_registry/x"},
        {"GET", "settings/sending_domain_restrictions"},
        {"POST", "settings/sending_domain_restrictions"},
        {"POST", "settings/sending_domain_restrictions/batch"},
        {"DELETE", "settings/sending_domain_restrictions/x"},
        {"GET", "settings/sending_domain_restrictions/x"},
        {"PATCH", "settings/sending_domain_restrictions/x"},
        {"GET", "settings/trusted_domains"},
        {"POST", "settings/trusted_domains"},
        {"POST", "settings/trusted_domains/batch"},
        {"DELETE", "settings/trusted_domains/x"},
        {"GET", "settings/trusted_domains/x"},
        {"PATCH", "settings/trusted_domains/x"},
        {"PUT", "settings/trusted_domains/x"},
        {"GET", "settings/url_ignore_patterns"},
        {"POST", "settings/url_ignore_patterns"},
        {"POST", "settings/url_ignore_patterns/batch"},
        {"DELETE", "settings/url_ignore_patterns/x"},
        {"GET", "settings/url_ignore_patterns/x"},
        {"PATCH", "settings/url_ignore_patterns/x"},
        {"GET", "submissions"},
        {"POST", "submissions"},
    };
    static_assert(std::size(all) == 75);
    for (auto const& one : all) {
        BOOST_TEST_CONTEXT(one.method << ' ' << one.path) {
            bool const has_body = one.method.starts_with('P');
            test::answer const got =
                c.send(one.method, test::mail_path(one.path), has_body ? "{}" : "");
            BOOST_TEST(got.status != 405U);
            if (got.status != 404) continue;
            // There is no such thing, but the path leads somewhere.
            BOOST_TEST(got.json("/errors/0/code") == 10404);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
