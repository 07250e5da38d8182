#include "unknown_argument.hpp"

#include "commands.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace cfes {

namespace {

/// What may be repeated of an argument: the name of an option, one letter of it behind a single
/// dash, or a word that could have been meant for a command; empty: nothing. Somebody may have
/// tried to give a token as an argument.
std::string harmless_part(std::string const& argument) {
    constexpr std::size_t longest = 32;
    if (argument.starts_with('-') && !argument.starts_with("--")) return argument.substr(0, 2);
    auto const name = argument.substr(0, argument.find('='));
    auto const is_in_names = [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; };
    auto const is_name = name.size() <= longest && std::ranges::all_of(name, is_in_names);
    return is_name ? name : std::string{};
}

/// A word as names are spelt here: `Block_Senders` is `block-senders`.
std::string as_name(std::string word) {
    for (auto& c : word) {
        if (c == '_') c = '-';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return word;
}

/// How many characters must be changed, added or taken away to make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i != a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j != b.size(); ++j) {
            auto const changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j + 1] + 1, row[j] + 1});
        }
    }
    return row.back();
}

/// `: did you mean 'list'?` when one of the names is near enough.
std::string suggest(std::string const& word, std::vector<std::string> const& names) {
    std::string const* nearest = nullptr;
    // A word with half of its letters wrong is another word.
    auto least = (word.size() - std::min(word.find_first_not_of('-'), word.size())) / 2 + 1;
    for (auto const& each : names) {
        auto const is_begun = word.size() >= 2 && each.starts_with(word);
        auto const distance = is_begun ? 0 : edit_distance(word, each);
        if (distance < least) {
            least = distance;
            nearest = &each;
        }
    }
    return nearest ? ": did you mean '" + *nearest + "'?" : std::string{};
}

std::vector<std::string> names_of_commands(CLI::App const& app) {
    std::vector<std::string> names;
    for (auto const* const each : app.get_subcommands({})) names.push_back(each->get_name());
    return names;
}

std::vector<std::string> names_of_options(CLI::App const* app) {
    std::vector<std::string> names;
    for (; app; app = app->get_parent()) {
        for (auto const* const each : app->get_options()) {
            for (auto const& name : each->get_lnames()) names.push_back("--" + name);
        }
    }
    return names;
}

/// ` (see cfes block-senders --help)`
std::string where_to_look(CLI::App const& app) {
    std::string path;
    for (auto const* each = &app; each; each = each->get_parent()) {
        path = each->get_name() + ' ' + path;
    }
    return " (see " + path + "--help)";
}

bool is_option(std::string const& argument) {
    return argument.starts_with('-');
}

}  // namespace

std::string describe_unknown_argument(CLI::App const& app) {
    auto const arguments = app.remaining(true);
    if (arguments.empty()) return {};
    auto const* const deepest = &chosen_verb(app);
    auto const lacks_command = !names_of_commands(*deepest).empty();
    // After an option that is not known, a word may be its value.
    auto const option = lacks_command && !is_option(arguments.front())
                            ? arguments.end()
                            : std::ranges::find_if(arguments, is_option);
    if (option != arguments.end()) {
        auto const name = harmless_part(*option);
        auto const names = names_of_options(deepest);
        // It is known, but stood before the command that it is for.
        if (std::ranges::find(names, name) != names.end()) {
            return '\'' + name + "' must come after '" + deepest->get_name() + '\'';
        }
        auto const quoted = name.empty() ? "such option" : "option '" + name + '\'';
        return "there is no " + quoted + suggest(as_name(name), names) + where_to_look(*deepest);
    }
    if (!lacks_command) {
        auto const word = harmless_part(arguments.front());
        auto const what = word.empty() ? std::string{"there is"} : '\'' + word + "' is";
        return what + " one argument too many" + where_to_look(*deepest);
    }
    return describe_unknown_word(*deepest, arguments.front());
}

std::string describe_unknown_word(CLI::App const& in, std::string const& word) {
    auto const named = harmless_part(word);
    auto const hint = suggest(as_name(word), names_of_commands(in));
    auto const quoted = named.empty() ? std::string{} : " '" + named + '\'';
    bool const is_root = in.get_parent() == nullptr;
    auto const what = named.empty() ? "no such " : "no ";
    auto const text = is_root ? std::string{"there is "} + what + "collection"
                              : in.get_name() + " has " + what + "verb";
    return text + quoted + hint + where_to_look(in);
}

}  // namespace cfes
