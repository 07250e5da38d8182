#include "collection_commands.hpp"
#include "collections/collections.hpp"

#include <cloudflare/email_security/url_ignore_patterns.hpp>

namespace cfes {

void add_url_ignore_patterns(command_line& line) {
    add_collection_verbs<es::url_ignore_patterns_traits>(
        line, {.name = "url-ignore-patterns",
               .what = "URLs that are not rewritten",
               .required = {"pattern"},
               .helps = {{"pattern", "Regular expression of the URLs"}}});
}

}  // namespace cfes
