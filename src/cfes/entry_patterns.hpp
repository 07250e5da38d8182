#pragma once

#include "collection_commands.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// Patterns as they may be pasted, of the type of an option, if one was given.
/// @throws usage_error that names the text
std::vector<es::recognised_pattern> patterns_in(std::string const& text,
                                                std::optional<es::pattern_type> type);

/// Checks the pattern of a new item or of changes as the API would, and brings it into canonical
/// form; tells the type where none is given.
/// @throws usage_error
void recognise(any_object& object, bool has_type);

/// The same, of an entry that is given as a whole, of which all limits are checked.
/// @throws usage_error
void require_whole_entry(any_object& item, bool has_type);

/// Gives a field that is there a value that it can have.
void set_field(any_object& object, std::string_view name, std::string_view value);
/// The value of a field; empty when it has none, or there is no such field.
std::string get_field(any_object const& object, std::string_view name);

}  // namespace cfes
