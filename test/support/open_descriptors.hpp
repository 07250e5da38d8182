#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace cloudflare::test {

/// How many files, sockets included, this process has open.
inline std::size_t open_descriptors() {
    std::filesystem::directory_iterator const all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(all, {}));
}

}  // namespace cloudflare::test
