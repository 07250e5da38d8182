// Every model of the API: what was read can be written and read again, and stays the same.

#include "fuzz.hpp"
#include "wire/json_reader.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <array>
#include <string>
#include <vector>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

template <class T>
void check(std::string_view text) {
    T value{};
    if (auto const fault = wire::read_json(text, {&wire::codec_for<T>(), &value})) {
        require(fault->size() <= 400, "a fault does not repeat the document");
        return;
    }
    auto const written = wire::to_json(value);
    T again{};
    auto const fault = wire::read_json(written, {&wire::codec_for<T>(), &again});
    require(!fault, "what was written can be read");
    require(wire::to_json(again) == written, "what was read is written the same");
}

/// What the API answers, and what it is sent.
constexpr std::array models{
    // Settings
    &check<page_info>,
    &check<deleted>,
    &check<block_sender>,
    &check<new_block_sender>,
    &check<block_sender_patch>,
    &check<block_senders::batch_result>,
    &check<allow_policy>,
    &check<new_allow_policy>,
    &check<allow_policy_patch>,
    &check<trusted_domain>,
    &check<new_trusted_domain>,
    &check<trusted_domain_patch>,
    &check<url_ignore_pattern>,
    &check<new_url_ignore_pattern>,
    &check<url_ignore_pattern_patch>,
    &check<impersonation_entry>,
    &check<new_impersonation_entry>,
    &check<impersonation_entry_patch>,
    &check<sending_domain_restriction>,
    &check<new_sending_domain_restriction>,
    &check<sending_domain_restriction_patch>,
    &check<domain_entry>,
    &check<new_domain>,
    &check<domain_patch>,
    &check<domain_replacement>,
    &check<std::optional<domain_verification>>,
    // Mail
    &check<message>,
    &check<std::vector<action_entry>>,
    &check<message_detections>,
    &check<message_preview>,
    &check<raw_message>,
    &check<message_trace>,
    &check<std::vector<moved_message>>,
    &check<std::vector<released_message>>,
    &check<bulk_job>,
    &check<bulk_message>,
    &check<new_bulk_job>,
    &check<submission>,
    &check<std::vector<phishguard_report>>,
    &check<submission_results>,
    &check<reclassification>,
    &check<missed_detection>,
    &check<monthly_report>,
    // More of the settings; at the end, as the seeds count from the beginning.
    &check<content_policy>,
    &check<new_content_policy>,
    &check<content_policy_patch>,
};

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::input in{data, size};
    auto const check_model = models[in.pick(models.size())];
    check_model(in.rest());
    return 0;
}
