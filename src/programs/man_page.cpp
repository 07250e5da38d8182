#include "man_page.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

namespace programs {

namespace {

/// As roff reads it: no character has a meaning of its own.
std::string plain(std::string_view text) {
    std::string line;
    for (char const c : text) {
        if (c == '\\')
            line += "\\e";
        else if (c == '-')
            line += "\\-";
        else if (c == '~')
            line += "\\(ti";
        else if (c == '^')
            line += "\\(ha";
        else if (c == '`')
            line += "\\(ga";
        else if (c == '\'')
            line += "\\(aq";
        else if (c == '"')
            line += "\\(dq";
        else if ((c == '.') && line.empty())
            line += "\\&.";
        else
            line += c == '\n' ? ' ' : c;
    }
    return line;
}

std::string upper(std::string_view text) {
    std::string made;
    for (char const c : text) {
        made += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return made;
}

std::string bold(std::string_view text) {
    return "\\fB" + plain(text) + "\\fR";
}

std::string italic(std::string_view text) {
    return "\\fI" + plain(text) + "\\fR";
}

std::string title_of(option_info const& option) {
    std::string title;
    for (auto const& name : option.names) {
        if (!title.empty()) title += ", ";
        title += bold(name);
    }
    if (!option.value.empty()) title += ' ' + italic(option.value);
    return title;
}

/// The groups of some options, in the order in which the first of each stands.
std::vector<std::string> groups_of(std::vector<option_info> const& options) {
    std::vector<std::string> groups;
    for (auto const& each : options) {
        if (std::ranges::find(groups, each.group) == groups.end()) groups.push_back(each.group);
    }
    return groups;
}

std::string tagged(std::string const& title, std::string_view text) {
    return ".TP\n" + title + '\n' + plain(text) + '\n';
}

/// Options under the headings of their groups.
std::string options_of(command_info const& command) {
    std::string text;
    auto const groups = groups_of(command.options);
    for (auto const& group : groups) {
        std::string lines;
        for (auto const& each : command.options) {
            if (each.group != group) continue;
            lines += tagged(title_of(each), each.help);
        }
        if (lines.empty()) continue;
        if (groups.size() > 1) text += ".PP\n" + italic(group + ':') + '\n';
        text += lines;
    }
    return text;
}

std::string synopsis(command_info const& program, command_info const& command) {
    auto text = bold(command.path.empty() ? program.name : program.name + ' ' + command.path);
    for (auto const& each : command.arguments) {
        text += ' ' + italic(each.name);
        if (each.is_repeated) text += "...";
    }
    if (!command.commands.empty()) text += ' ' + italic("COMMAND");
    return text + " [" + italic("options") + "]\n";
}

/// A command without commands below it: how it is called, what it takes.
std::string describe(command_info const& program, command_info const& command,
                     std::string_view heading) {
    auto text = std::string{heading} + " \"" + plain(program.name + ' ' + command.path) + "\"\n" +
                synopsis(program, command) + ".PP\n" + plain(command.help) + ".\n";
    for (auto const& each : command.arguments) text += tagged(italic(each.name), each.help);
    return text + options_of(command);
}

std::string commands_of(command_info const& program, command_info const& of) {
    std::string text;
    for (auto const& each : of.commands) {
        if (each.commands.empty()) {
            text += describe(program, each, of.path.empty() ? ".SH" : ".SS");
        } else {
            text += ".SH \"" + plain(upper(each.path)) + "\"\n" + plain(each.help) + ".\n" +
                    commands_of(program, each);
        }
    }
    return text;
}

void collect_variables(command_info const& of, std::vector<option_info const*>& found) {
    for (auto const& each : of.options) {
        if (!each.environment.empty()) found.push_back(&each);
    }
    for (auto const& each : of.commands) collect_variables(each, found);
}

std::string environment(command_info const& program) {
    std::vector<option_info const*> found;
    collect_variables(program, found);
    std::set<std::string> described;
    std::string text;
    for (auto const* const each : found) {
        if (!described.insert(each->environment).second) continue;
        text += ".TP\n" + bold(each->environment) + "\nAs " + bold(each->names.back()) + ".\n";
    }
    return text.empty() ? text : ".SH ENVIRONMENT\n" + text;
}

/// A word or two in front of a colon.
std::string_view heading_of(std::string_view paragraph) {
    auto const colon = paragraph.find(": ");
    if (colon == std::string_view::npos) return {};
    auto const heading = paragraph.substr(0, colon);
    auto const is_word = [](char c) {
        return c == ' ' || std::isalpha(static_cast<unsigned char>(c));
    };
    auto const is_short = std::ranges::count(heading, ' ') < 2;
    return is_short && std::ranges::all_of(heading, is_word) ? heading : std::string_view{};
}

std::string notes_section(std::string_view notes) {
    std::string text;
    bool has_section = false;
    while (!notes.empty()) {
        auto const end = std::min(notes.find("\n\n"), notes.size());
        auto paragraph = notes.substr(0, end);
        notes.remove_prefix(std::min(end + 2, notes.size()));
        paragraph.remove_prefix(std::min(paragraph.find_first_not_of('\n'), paragraph.size()));
        if (paragraph.empty()) continue;
        auto const heading = heading_of(paragraph);
        if (!heading.empty()) {
            text += ".SH \"" + upper(heading) + "\"\n";
            paragraph.remove_prefix(heading.size() + 2);
        } else if (has_section) {
            text += ".PP\n";
        } else {
            text += ".SH NOTES\n";
        }
        has_section = true;
        text += plain(paragraph) + '\n';
    }
    return text;
}

}  // namespace

std::string man_page(command_info const& program, std::string_view version,
                     std::string_view what_it_does, std::string_view notes) {
    auto text = ".TH " + upper(program.name) + " 1 \"\" \"" + program.name + ' ' +
                std::string{version} + "\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\n" +
                plain(program.name) + " \\- " + plain(what_it_does) + "\n.SH SYNOPSIS\n" +
                synopsis(program, program);
    if (!program.commands.empty()) {
        text += ".SH COMMANDS\n";
        for (auto const& each : program.commands) {
            text += tagged(bold(program.name + ' ' + each.name), each.help);
        }
    }
    text += ".SH OPTIONS\n" + options_of(program);
    return text + commands_of(program, program) + environment(program) + notes_section(notes);
}

}  // namespace programs
