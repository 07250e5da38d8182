#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace cfes {

/// Commands that show what a verb is for, two of each. Help and whatever else is made of the
/// command's tree read them here.
std::vector<std::string> examples_of(CLI::App const& verb);

}  // namespace cfes
