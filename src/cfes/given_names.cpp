#include "given_names.hpp"

#include "files.hpp"
#include "globals.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace cfes {

namespace {

/// Stdin holds names, and no feed.
constexpr std::size_t longest_input = 64U << 20U;

bool has_control_character(std::string const& text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string trimmed(std::string const& text) {
    constexpr char const* blanks = " \t\r";
    auto const begin = text.find_first_not_of(blanks);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

void add_lines(std::string const& text, std::vector<std::string>& all) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (auto name = trimmed(line); !name.empty()) all.push_back(std::move(name));
    }
}

}  // namespace

given_names read_names(std::vector<std::string> const& arguments) {
    given_names made;
    made.is_one = arguments.size() == 1 && arguments.front() != "-";
    bool was_read = false;
    for (auto const& each : arguments) {
        if (each != "-") {
            auto name = trimmed(each);
            if (name.empty()) throw usage_error("an id is empty, as an unset variable gives it");
            if (has_control_character(name)) {
                throw usage_error("an id or name has a control character, which none has");
            }
            made.all.push_back(std::move(name));
        } else if (!std::exchange(was_read, true)) {
            add_lines(read_file(each, longest_input), made.all);
        }
    }
    if (made.all.empty()) throw usage_error("there is nothing on stdin");
    return made;
}

}  // namespace cfes
