#include "feed_commands.hpp"

#include <cloudflare/email_security/allow_policies.hpp>

namespace cfes {

void add_allow_policies(command_line& line) {
    using traits = es::allow_policies_traits;
    auto& collection = add_collection_verbs<traits>(
        line, "allow-policies", "Senders and recipients that are exempt from detections");
    add_feed_verbs<traits>(line, collection);
}

}  // namespace cfes
