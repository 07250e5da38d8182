#include "feed_commands.hpp"

#include <cloudflare/email_security/block_senders.hpp>

namespace cfes {

void add_block_senders(command_line& line) {
    using traits = es::block_senders_traits;
    auto& collection =
        add_collection_verbs<traits>(line, "block-senders", "Senders whose mail is blocked");
    add_feed_verbs<traits>(line, collection);
}

}  // namespace cfes
