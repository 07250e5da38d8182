#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/url_ignore_patterns.hpp>

namespace cfes {

void add_url_ignore_patterns(command_line& line) {
    using traits = es::url_ignore_patterns_traits;
    collection_info const info{.name = "url-ignore-patterns",
                               .what = "URLs that are not rewritten",
                               .required = {"pattern"},
                               .helps = {{"pattern", "Regular expression of the URLs"}}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
}

}  // namespace cfes
