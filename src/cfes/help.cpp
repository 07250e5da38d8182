#include "help.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace cfes {

namespace {

struct line {
    std::string name;
    std::string text;
};

struct group {
    std::string title;
    std::vector<line> lines;
};

/// The widest name that the descriptions are aligned beside; after a wider one, on the next line.
constexpr std::size_t widest_name = 34;
constexpr std::size_t line_width = 100;

void add_line(std::vector<group>& groups, std::string const& title, line what) {
    auto const is_it = [&title](group const& each) { return each.title == title; };
    auto found = std::find_if(groups.begin(), groups.end(), is_it);
    if (found == groups.end()) found = groups.insert(found, {title, {}});
    found->lines.push_back(std::move(what));
}

std::string option_text(CLI::Option const& option) {
    auto text = option.get_name(false, true);
    text.replace(0, text.find('-'), "");
    if (auto const comma = text.find(','); comma != std::string::npos) text.insert(comma + 1, " ");
    if (option.get_type_size() != 0 && !option.get_type_name().empty()) {
        text += ' ' + option.get_type_name();
    }
    return text;
}

std::vector<group> groups_of(CLI::App const& app) {
    std::vector<group> groups;
    for (auto const* const verb : app.get_subcommands({})) {
        if (verb->get_group().empty()) continue;
        add_line(groups, verb->get_group(), {verb->get_name(), verb->get_description()});
    }
    for (auto const* const option : app.get_options()) {
        if (option->get_positional()) {
            add_line(groups, "Arguments", {option->get_name(true), option->get_description()});
        }
    }
    for (auto const* const option : app.get_options()) {
        // How to get help is known to who reads it; the root says it once.
        bool const is_inherited = option == app.get_help_ptr() && app.get_parent();
        if (option->nonpositional() && !is_inherited) {
            add_line(groups, option->get_group(),
                     {option_text(*option), option->get_description()});
        }
    }
    return groups;
}

std::string usage_of(CLI::App const& app, std::string const& name) {
    auto text = name;
    for (auto const* const option : app.get_options()) {
        if (!option->get_positional()) continue;
        text += ' ' + option->get_name(true);
        if (option->get_expected_max() > 1) text += "...";
    }
    if (!app.get_parent()) return text + " COLLECTION VERB [arguments] [options]";
    auto const is_verb = app.get_subcommands({}).empty();
    return text + (is_verb ? " [options]" : " VERB [arguments] [options]");
}

/// The name, then the text beside it, on as few lines as it takes.
std::string to_lines(std::string const& name, std::string const& text, std::size_t column) {
    std::string const margin(column + 4, ' ');
    auto lines = "  " + name;
    if (name.size() > column)
        lines += '\n' + margin;
    else
        lines.append(column + 2 - name.size(), ' ');
    auto width = margin.size();
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        if (width > margin.size() && width + word.size() > line_width) {
            lines.back() = '\n';
            lines += margin;
            width = margin.size();
        }
        lines += word + ' ';
        width += word.size() + 1;
    }
    lines.erase(lines.find_last_not_of(' ') + 1);
    return lines + '\n';
}

}  // namespace

std::string help_formatter::make_help(CLI::App const* app, std::string name,
                                      CLI::AppFormatMode) const {
    auto const groups = groups_of(*app);
    std::size_t column = 0;
    for (auto const& each : groups) {
        for (auto const& [what, text] : each.lines) {
            if (what.size() <= widest_name) column = std::max(column, what.size());
        }
    }
    auto help = app->get_description() + "\n\nUsage: " + usage_of(*app, name) + '\n';
    for (auto const& each : groups) {
        help += '\n' + each.title + ":\n";
        for (auto const& [what, text] : each.lines) help += to_lines(what, text, column);
    }
    return help + make_footer(app);
}

}  // namespace cfes
