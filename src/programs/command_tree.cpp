#include "command_tree.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace programs {

namespace {

/// The name of the validator that keeps an option's choices.
constexpr std::string_view offer_mark = "offers ";

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        auto const end = std::min(text.find(at), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::vector<std::string> offered(CLI::Option& option) {
    // CLI11 has no count of them.
    try {
        for (int i = 0;; ++i) {
            auto const& name = option.get_validator(i)->get_name();
            if (name.starts_with(offer_mark))
                return split(std::string_view{name}.substr(offer_mark.size()), '|');
        }
    } catch (CLI::OptionNotFound const&) {
        return {};
    }
}

/// Words in an option's or argument's place for its value that mean something in the file system.
value_kind kind_of(std::string_view value) {
    constexpr std::array<std::string_view, 4> files{"FILE", "FEED", "JOURNAL", "PLAN"};
    if (std::ranges::find(files, value) != files.end()) return value_kind::file;
    return value == "DIR" ? value_kind::directory : value_kind::any;
}

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
}

std::vector<std::string> choices_of(CLI::Option& option, std::string const& value) {
    auto choices = offered(option);
    // `auto|always|never` in the help says it as well.
    if (choices.empty() && value.find('|') != std::string::npos) choices = split(value, '|');
    return std::ranges::all_of(choices, &is_word) ? choices : std::vector<std::string>{};
}

option_info read_option(CLI::Option& option) {
    option_info made;
    for (auto const& each : option.get_snames()) made.names.push_back('-' + each);
    for (auto const& each : option.get_lnames()) made.names.push_back("--" + each);
    made.help = option.get_description();
    made.group = option.get_group();
    made.environment = option.get_envname();
    if (option.get_items_expected_max() == 0) return made;
    made.value = option.get_type_name();
    made.choices = choices_of(option, made.value);
    if (made.choices.empty())
        made.kind = kind_of(made.value);
    else if (option.get_expected_min() == 0)
        made.kind = value_kind::optional;
    else
        made.kind = made.value.ends_with(",...") ? value_kind::list : value_kind::choice;
    return made;
}

argument_info read_argument(CLI::Option& option) {
    argument_info made;
    made.name = option.get_name(true);
    made.help = option.get_description();
    made.is_repeated = option.get_expected_max() > 1;
    made.choices = choices_of(option, option.get_type_name());
    made.kind = made.choices.empty() ? kind_of(made.name) : value_kind::choice;
    return made;
}

command_info read_command(CLI::App& app, std::string name, std::string path) {
    command_info made;
    made.help = app.get_description();
    made.group = app.get_group();
    for (auto* const option : app.get_options()) {
        // The program's own is enough.
        if (option == app.get_help_ptr() && app.get_parent()) continue;
        if (option->get_positional()) {
            made.arguments.push_back(read_argument(*option));
        } else if (!option->get_group().empty()) {
            made.options.push_back(read_option(*option));
        }
    }
    for (auto* const each : app.get_subcommands({})) {
        if (each->get_group().empty()) continue;
        auto const below = path.empty() ? each->get_name() : path + ' ' + each->get_name();
        made.commands.push_back(read_command(*each, each->get_name(), below));
    }
    made.name = std::move(name);
    made.path = std::move(path);
    return made;
}

}  // namespace

CLI::Option* offer(CLI::Option* option, std::vector<std::string> const& choices) {
    std::string name{offer_mark};
    for (auto const& each : choices) {
        if (&each != &choices.front()) name += '|';
        name += each;
    }
    CLI::Validator keeper;
    keeper.name(name);
    return option->check(keeper);
}

std::string as_spelt(std::span<std::string_view const> names, std::string_view word) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
    // One that is spelt so comes before the others.
    if (std::ranges::find(names, word) != names.end()) return std::string{word};
    for (auto const& each : names) {
        if (std::ranges::equal(each, word, {}, lower, lower)) return std::string{each};
    }
    return std::string{word};
}

command_info read_commands(CLI::App& program) {
    return read_command(program, program.get_name(), {});
}

}  // namespace programs
