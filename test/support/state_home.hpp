#pragma once

#include "program.hpp"

#include <string>

namespace test {

/// Where the programs of this process keep what outlives them: not where those of the user do.
inline std::string const& state_home() {
    static scratch const directory;
    static std::string const path = directory.path().string();
    return path;
}

}  // namespace test
