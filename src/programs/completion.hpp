#pragma once

#include "command_tree.hpp"

#include <string>
#include <string_view>

namespace programs {

/// A script that lets a shell complete the program's commands, options and their values. It can be
/// sourced, or installed where the shell looks for it.
/// @param shell bash, zsh or fish
std::string completion_script(command_info const& program, std::string_view shell);

}  // namespace programs
