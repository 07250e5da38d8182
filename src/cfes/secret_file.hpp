#pragma once

#include <string>

namespace cfes {

/// The text of a file that an option names, without the blanks at its end; `-` is stdin. Complains
/// of what others can do to the file.
/// @throws usage_error, which does not repeat the path: the secret itself may have been given for
/// it.
std::string read_secret_file(std::string const& option, std::string const& path);

}  // namespace cfes
