#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/allow_policies.hpp>

namespace cfes {

void add_allow_policies(command_line& line) {
    using traits = es::allow_policies_traits;
    collection_info const info{
        .name = "allow-policies",
        .what = "Senders and recipients that are exempt from detections",
        .required = {"pattern"},
        .helps = {{"is_trusted_sender", "Bypass all detections and link following"},
                  {"is_acceptable_sender", "Exempt from Spam, Spoof and Bulk"},
                  {"is_exempt_recipient", "Bypass all detections for this recipient"},
                  {"verify_sender", "Only for messages that pass DMARC, SPF or DKIM"}}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
}

}  // namespace cfes
