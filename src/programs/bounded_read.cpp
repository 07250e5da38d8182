#include "bounded_read.hpp"

#include <istream>
#include <vector>

namespace programs {

std::optional<std::string> read_up_to(std::istream& from, std::size_t longest) {
    std::string text;
    std::vector<char> part(64 * 1024);
    while (from) {
        from.read(part.data(), static_cast<std::streamsize>(part.size()));
        auto const count = static_cast<std::size_t>(from.gcount());
        if (count > longest - text.size()) return std::nullopt;
        text.append(part.data(), count);
    }
    return text;
}

}  // namespace programs
