#pragma once

#include "../problem.hpp"
#include "mailbox.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cloudflare::simulator {

/// Moves a message that is in a mailbox. @returns why it cannot be; empty when it was done.
std::string_view move(message& m, std::string_view destination, timestamp now);

/// Delivers a message that is held back. @returns why it cannot be; empty when it was done.
std::string_view release(message& m, timestamp now);

/// A member of a body that must be one of some texts; nothing, and a problem, when it is another or
/// is missing though it is required.
std::optional<std::string> read_word(boost::json::object const& given, std::string_view name,
                                     std::span<std::string_view const> allowed, bool required,
                                     problems& found);

}  // namespace cloudflare::simulator
