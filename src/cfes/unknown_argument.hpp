#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cfes {

/// Names the first argument that nothing was made of, and the nearest name that there is: a
/// collection, a verb, or an option. What may be a secret given by mistake is not repeated.
/// @returns empty when there is no such argument.
std::string describe_unknown_argument(CLI::App const& app);

/// The same of a word that a collection, or the command itself, has no verb for.
std::string describe_unknown_word(CLI::App const& in, std::string const& word);

}  // namespace cfes
