#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/trusted_domains.hpp>

namespace cfes {

void add_trusted_domains(command_line& line) {
    using traits = es::trusted_domains_traits;
    collection_info const info{
        .name = "trusted-domains",
        .what = "Domains that are trusted although they are new or look like others",
        .required = {"pattern"},
        .helps = {{"pattern", "Domain, or regular expression"},
                  {"is_recent", "Trust it although it was registered recently"},
                  {"is_similarity", "Trust it although it looks like a domain of yours"}}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
}

}  // namespace cfes
