#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/content_policies.hpp>

namespace cfes {

void add_content_policies(command_line& line) {
    using traits = es::content_policies_traits;
    collection_info const info{
        .name = "content-policies",
        .what = "Messages that are blocked by what they say",
        .required = {"name", "pattern", "targets"},
        .helps = {{"name", "Name of the policy, up to 256 characters"},
                  {"pattern", "Regular expression without groups, up to 2048 characters"},
                  {"targets", "Where to look for the pattern"},
                  {"enabled", "Whether it is in force"},
                  {"notes", "Anything, up to 4096 characters"},
                  {"expires_at", "When it ends"}},
        .shown = {"id", "name", "pattern", "targets", "enabled", "notes", "created_at"}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
}

}  // namespace cfes
