#pragma once

#include "collection_commands.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cfes {

// The verbs for entries that are named, each one or many: by identifiers or names, as arguments or
// on stdin.

void add_create(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                collection_info const& info);
void add_get(command_line& line, CLI::App& collection, collection_verbs const& verbs,
             collection_info const& info);
void add_edit(command_line& line, CLI::App& collection, collection_verbs const& verbs,
              collection_info const& info);
void add_replace(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                 collection_info const& info);
void add_delete(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                collection_info const& info);

/// How entries are created.
struct creation_manner {
    /// Whether it is one, shown as an object, and not as a list.
    bool is_one = true;
    /// An entry with the key of a new one takes its place.
    bool if_absent = false;
    std::string verb = "create";  ///< for a question
};

/// The option `--if-absent`.
void add_if_absent(CLI::App& verb, bool& into);

/// Creates entries, of which all limits were checked, and shows them; the exit status. Asks where a
/// pattern is a risk.
asio::awaitable<int> create_entries(session& with, collection_verbs of, columns shown,
                                    std::vector<std::shared_ptr<any_object>> items,
                                    creation_manner how);

}  // namespace cfes
