#include "collections/collections.hpp"
#include "investigate/investigate_verbs.hpp"

namespace cfes {

void add_investigate(command_line& line) {
    auto& collection = add_collection(line, area::mail, "investigate",
                                      "Messages that were scanned, and what to do with them");
    add_message_search(line, collection);
    add_message_details(line, collection);
    group_verbs(collection, "Find and read");
    add_message_actions(line, collection);
    add_message_blocking(line, collection);
    group_verbs(collection, "Act on messages");
    add_bulk_jobs(line, collection);
    group_verbs(collection, "Bulk jobs");
}

}  // namespace cfes
