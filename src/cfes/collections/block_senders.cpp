#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/block_senders.hpp>

namespace cfes {

void add_block_senders(command_line& line) {
    using traits = es::block_senders_traits;
    collection_info const info{
        .name = "block-senders", .what = "Senders whose mail is blocked", .required = {"pattern"}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
}

}  // namespace cfes
