#include "help.hpp"

#include "examples.hpp"
#include "screen.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <unistd.h>
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
constexpr std::size_t widest_line = 100;

/// As wide as the window, but no wider than can be read well.
std::size_t line_width() {
    constexpr std::size_t narrowest = 20;
    auto const window = width_of(STDOUT_FILENO).value_or(widest_line);
    return std::clamp(window, narrowest, widest_line);
}

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

/// Appends words to a line, and what does not fit to lines of their own behind a margin.
void append_words(std::string& lines, std::string const& text, std::string const& margin) {
    auto const most = line_width();
    auto const begin = lines.rfind('\n') == std::string::npos ? 0 : lines.rfind('\n') + 1;
    auto width = lines.size() - begin;
    bool is_first = true;
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        auto const gap = is_first ? std::size_t{0} : std::size_t{1};
        if (!is_first && width + gap + word.size() > most) {
            lines += '\n' + margin;
            width = margin.size();
        } else if (!is_first) {
            lines += ' ';
            ++width;
        }
        lines += word;
        width += word.size();
        is_first = false;
    }
    lines.erase(lines.find_last_not_of(' ') + 1);
}

/// The name, then the text beside it, on as few lines as it takes.
std::string to_lines(std::string const& name, std::string const& text, std::size_t column) {
    std::string const margin(column + 4, ' ');
    auto lines = "  " + name;
    if (name.size() > column)
        lines += '\n' + margin;
    else
        lines.append(column + 2 - name.size(), ' ');
    append_words(lines, text, margin);
    return lines + '\n';
}

/// Paragraphs, with a blank line between them, whatever lines they were written in.
std::string to_paragraphs(std::string_view text) {
    std::string all;
    while (!text.empty()) {
        auto const end = std::min(text.find("\n\n"), text.size());
        std::string lines;
        append_words(lines, std::string{text.substr(0, end)}, "");
        if (!lines.empty()) all += '\n' + lines + '\n';
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return all;
}

/// As they are to be copied; a long one goes on behind a backslash, before one of its options.
std::string to_examples(CLI::App const& app) {
    auto const most = line_width();
    constexpr std::string_view prompt = "  $ ";
    constexpr std::string_view margin = "      ";
    std::string all;
    for (auto const& each : examples_of(app)) {
        std::string line{prompt};
        for (std::size_t at = 0; at < each.size();) {
            auto const end = std::min(each.find(" --", at + 1), each.size());
            auto const part = std::string_view{each}.substr(at, end - at);
            bool const fits = line.size() + part.size() + 2 <= most;
            if (!fits && line.size() > margin.size()) {
                all += line + " \\\n";
                line = margin;
                line += part.substr(1);
            } else {
                line += part;
            }
            at = end;
        }
        all += line + '\n';
    }
    return all.empty() ? all : "\nExamples:\n" + all;
}

}  // namespace

std::string help_formatter::make_help(CLI::App const* app, std::string name,
                                      CLI::AppFormatMode) const {
    auto const groups = groups_of(*app);
    std::size_t column = 0;
    // The descriptions have more of the line than the names.
    constexpr std::size_t narrow = 60;
    auto const most =
        line_width() < narrow ? std::size_t{4} : std::min(widest_name, line_width() * 2 / 5);
    for (auto const& each : groups) {
        for (auto const& [what, text] : each.lines) {
            if (what.size() <= most) column = std::max(column, what.size());
        }
    }
    std::string help;
    append_words(help, app->get_description(), "");
    help += "\n\n";
    std::string usage = "Usage: ";
    append_words(usage, usage_of(*app, name), "         ");
    help += usage + '\n';
    for (auto const& each : groups) {
        help += '\n';
        append_words(help, each.title + ':', "");
        help += '\n';
        for (auto const& [what, text] : each.lines) help += to_lines(what, text, column);
    }
    return help + to_examples(*app) + to_paragraphs(app->get_footer());
}

std::string help_of(CLI::App const& app) {
    std::string path;
    for (auto const* each = &app; each; each = each->get_parent()) {
        path = each->get_name() + (path.empty() ? "" : " ") + path;
    }
    // `App::help` would tell of the verb that was given.
    return app.get_formatter()->make_help(&app, path, CLI::AppFormatMode::Normal);
}

}  // namespace cfes
