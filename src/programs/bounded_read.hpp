#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace programs {

/// All that is left of a stream; none when that is more than `longest` bytes, of which no more than
/// one part is then in memory beyond: some files never end.
std::optional<std::string> read_up_to(std::istream& from, std::size_t longest);

}  // namespace programs
