#pragma once

#include "collection_commands.hpp"

#include <cloudflare/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How an entry of the settings is told to a verb: by its identifier, or by what names it.
namespace cfes {

/// The field that names an entry to people, as its pattern: the one after the identifier.
std::string_view naming_field(collection_verbs const& of);
/// What names an entry; empty when it does not say.
std::string name_of(any_object const& entry);
cf::identifier id_of(any_object const& entry);

/// What was asked for by one name.
struct found_entries {
    std::string asked;
    /// The entry of that identifier, or all that have the name. Where entries were not to be read,
    /// an identifier is taken as it is, and they have nothing else.
    std::vector<any_object> entries;
    /// Why there is none.
    std::optional<cf::error> failure;
};

enum class entry_reading { whole, only_ids };

/// Finds entries by their identifiers or names. A name is compared as the API's patterns are, in
/// any case and as it may be pasted. Reads the whole list where that takes fewer requests.
///
/// Each failure is that of one name. One that has no entry is `errc::not_found`.
asio::awaitable<std::vector<found_entries>> find_entries(session const& with,
                                                         collection_verbs const& of,
                                                         std::vector<std::string> const& asked,
                                                         entry_reading how);

/// The only entry that a name stands for.
/// Errors: why there is none; `errc::conflict`, which names the identifiers, where there are more.
cf::result<any_object> only_entry(collection_verbs const& of, found_entries const& found);

}  // namespace cfes
