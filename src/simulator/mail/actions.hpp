#pragma once

#include "../problem.hpp"
#include "mail.hpp"
#include "mailbox.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// Moves a message that is in a mailbox. @returns why it cannot be; empty when it was done.
std::string_view move(message& m, std::string_view destination, timestamp now);

/// Delivers a message that is held back. @returns why it cannot be; empty when it was done.
std::string_view release(message& m, timestamp now);

/// Submits a message, which at once becomes what is wanted. @returns the submission's identifier.
std::string judge_anew(mail_context& c, message& m, std::string const& wanted, bool escalated);

/// The texts of an array in the body; problems when it is none.
std::vector<std::string> read_texts(boost::json::value const& value, std::string const& at,
                                    problems& found);

/// A member of a body that must be one of some texts; nothing, and a problem, when it is another or
/// is missing though it is required. One that is not required may be null.
std::optional<std::string> read_word(boost::json::object const& given, std::string_view name,
                                     std::span<std::string_view const> allowed, bool required,
                                     problems& found);

}  // namespace cloudflare::inline v0::simulator
