#include "collection_commands.hpp"
#include "collections/collections.hpp"

#include <cloudflare/email_security/sending_domain_restrictions.hpp>

namespace cfes {

void add_sending_domain_restrictions(command_line& line) {
    add_collection_verbs<es::sending_domain_restrictions_traits>(
        line, {.name = "sending-domain-restrictions",
               .what = "Domains whose mail is dropped when it comes without TLS",
               .required = {"domain"},
               .helps = {{"domain", "Domain that must send with TLS"},
                         {"exclude", "Its subdomains that need not"}}});
}

}  // namespace cfes
