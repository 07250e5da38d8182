#pragma once

#include <string>
#include <vector>

namespace cfes {

/// The things that a verb is told to work on.
struct given_names {
    std::vector<std::string> all;
    /// Whether it is one by an argument: that is shown as an object, and not as a list.
    bool is_one = false;
};

/// What the arguments name: each itself, and `-` the lines of stdin, without blanks around them.
/// @throws usage_error when it is nothing, or one is empty
given_names read_names(std::vector<std::string> const& arguments);

}  // namespace cfes
