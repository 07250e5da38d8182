#pragma once

#include "command_tree.hpp"

#include <string>
#include <string_view>

namespace programs {

/// The manual page, section 1, of a program.
/// @param what_it_does a phrase, for its first line
/// @param notes what stands at the end of the help: paragraphs, of which those that begin with a
/// word or two and a colon get a section of that name
std::string man_page(command_info const& program, std::string_view version,
                     std::string_view what_it_does, std::string_view notes);

}  // namespace programs
