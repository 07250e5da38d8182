#include <cloudflare/email_security/operations.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

using namespace std::string_view_literals;
namespace es = cloudflare::email_security;

namespace {

using names = std::set<std::string>;

constexpr std::string_view prefix = "/accounts/{account_id}/email-security";

constexpr std::array known{
    "GET /analytics/monthly_report"sv,
    "GET /investigate"sv,
    "GET /investigate/bulk"sv,
    "POST /investigate/bulk"sv,
    "DELETE /investigate/bulk/{job_id}"sv,
    "GET /investigate/bulk/{job_id}"sv,
    "POST /investigate/bulk/{job_id}/cancel"sv,
    "GET /investigate/bulk/{job_id}/messages"sv,
    "POST /investigate/move"sv,
    "POST /investigate/preview"sv,
    "POST /investigate/release"sv,
    "GET /investigate/{investigate_id}"sv,
    "GET /investigate/{investigate_id}/action_log"sv,
    "GET /investigate/{investigate_id}/detections"sv,
    "POST /investigate/{investigate_id}/move"sv,
    "GET /investigate/{investigate_id}/preview"sv,
    "GET /investigate/{investigate_id}/raw"sv,
    "POST /investigate/{investigate_id}/reclassify"sv,
    "GET /investigate/{investigate_id}/trace"sv,
    "GET /phishguard/reports"sv,
    "GET /settings/allow_policies"sv,
    "POST /settings/allow_policies"sv,
    "POST /settings/allow_policies/batch"sv,
    "DELETE /settings/allow_policies/{policy_id}"sv,
    "GET /settings/allow_policies/{policy_id}"sv,
    "PATCH /settings/allow_policies/{policy_id}"sv,
    "PUT /settings/allow_policies/{policy_id}"sv,
    "GET /settings/block_senders"sv,
    "POST /settings/block_senders"sv,
    "POST /settings/block_senders/batch"sv,
    "DELETE /settings/block_senders/{pattern_id}"sv,
    "GET /settings/block_senders/{pattern_id}"sv,
    "PATCH /settings/block_senders/{pattern_id}"sv,
    "PUT /settings/block_senders/{pattern_id}"sv,
    "GET /settings/content_policies"sv,
    "POST /settings/content_policies"sv,
    "POST /settings/content_policies/batch"sv,
    "DELETE /settings/content_policies/{policy_id}"sv,
    "GET /settings/content_policies/{policy_id}"sv,
    "PATCH /settings/content_policies/{policy_id}"sv,
    "DELETE /settings/domains"sv,
    "GET /settings/domains"sv,
    "POST /settings/domains"sv,
    "POST /settings/domains/batch"sv,
    "DELETE /settings/domains/{domain_id}"sv,
    "GET /settings/domains/{domain_id}"sv,
    "PATCH /settings/domains/{domain_id}"sv,
    "PUT /settings/domains/{domain_id}"sv,
    "GET /settings/domains/{domain_id}/verification"sv,
    "GET /settings/impersonation_registry"sv,
    "POST /settings/impersonation_registry"sv,
    "DELETE /settings/impersonation_registry/{impersonation_registry_id}"sv,
    "GET /settings/impersonation_registry/{impersonation_registry_id}"sv,
    "PATCH /settings/impersonation_registry/{impersonation_registry_id}"sv,
    "GET /settings/sending_domain_restrictions"sv,
    "POST /settings/sending_domain_restrictions"sv,
    "POST /settings/sending_domain_restrictions/batch"sv,
    "DELETE /settings/sending_domain_restrictions/{sending_domain_restriction_id}"sv,
    "GET /settings/sending_domain_restrictions/{sending_domain_restriction_id}"sv,
    "PATCH /settings/sending_domain_restrictions/{sending_domain_restriction_id}"sv,
    "GET /settings/trusted_domains"sv,
    "POST /settings/trusted_domains"sv,
    "POST /settings/trusted_domains/batch"sv,
    "DELETE /settings/trusted_domains/{trusted_domain_id}"sv,
    "GET /settings/trusted_domains/{trusted_domain_id}"sv,
    "PATCH /settings/trusted_domains/{trusted_domain_id}"sv,
    "PUT /settings/trusted_domains/{trusted_domain_id}"sv,
    "GET /settings/url_ignore_patterns"sv,
    "POST /settings/url_ignore_patterns"sv,
    "POST /settings/url_ignore_patterns/batch"sv,
    "DELETE /settings/url_ignore_patterns/{pattern_id}"sv,
    "GET /settings/url_ignore_patterns/{pattern_id}"sv,
    "PATCH /settings/url_ignore_patterns/{pattern_id}"sv,
    "GET /submissions"sv,
    "POST /submissions"sv,
};

names in_table() {
    names all;
    for (auto const& each : es::all_operations) {
        BOOST_TEST(each.what.path.substr(0, prefix.size()) == prefix);
        all.insert(std::string{to_string(each.what.method)} + ' ' +
                   std::string{each.what.path.substr(prefix.size())});
    }
    return all;
}

/// What is in one and not in the other, a line each.
std::string missing(names const& from, names const& wanted) {
    std::string lines;
    for (auto const& each : wanted) {
        if (from.find(each) == from.end()) lines += each + '\n';
    }
    return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(has_all_operations_once) {
    std::ostringstream text;
    for (auto const& each : es::all_operations) {
        text << std::left << std::setw(7) << to_string(each.what.method) << std::setw(82)
             << each.what.path.substr(prefix.size()) << each.area << "::" << each.function << '\n';
    }
    std::cout << text.str();
    auto const ours = in_table();
    BOOST_TEST(es::all_operations.size() == 75U);
    BOOST_TEST(ours.size() == 75U);
    names const wanted{known.begin(), known.end()};
    BOOST_TEST(missing(ours, wanted) == "");
    BOOST_TEST(missing(wanted, ours) == "");
}

BOOST_AUTO_TEST_CASE(functions_differ) {
    std::set<std::pair<std::string_view, std::string_view>> functions;
    for (auto const& each : es::all_operations) functions.emplace(each.area, each.function);
    BOOST_TEST(functions.size() == es::all_operations.size());
}

BOOST_AUTO_TEST_CASE(is_that_of_the_openapi_file) {
    std::ifstream file{OPENAPI_FILE};
    if (!file) {
        BOOST_TEST_MESSAGE("skipped: there is no " OPENAPI_FILE);
        std::cout << "skipped: there is no " OPENAPI_FILE "\n";
        return;
    }
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    auto const api = boost::json::parse(text);
    names wanted;
    for (auto const& [path, methods] : api.at("paths").as_object()) {
        for (auto const& [method, what] : methods.as_object()) {
            std::string name{method};
            std::transform(name.begin(), name.end(), name.begin(),
                           [](char c) { return static_cast<char>(c & ~0x20); });
            if (!what.is_object() || what.as_object().find("responses") == what.as_object().end()) {
                continue;
            }
            wanted.insert(name + ' ' + std::string{path}.substr(prefix.size()));
        }
    }
    auto const ours = in_table();
    BOOST_TEST(missing(ours, wanted) == "");
    BOOST_TEST(missing(wanted, ours) == "");
}

BOOST_AUTO_TEST_SUITE_END()
