#include "completion.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <utility>
#include <vector>

namespace programs {

namespace {

std::string join(std::vector<std::string> const& words) {
    std::string text;
    for (auto const& each : words) {
        if (!text.empty()) text += ' ';
        text += each;
    }
    return text;
}

/// In single quotes, as all three shells read them.
std::string quote(std::string_view text, std::string_view shell) {
    std::string quoted = "'";
    for (char const c : text) {
        if (shell == "fish" && (c == '\'' || c == '\\')) {
            quoted += '\\';
            quoted += c;
        } else if (c == '\'') {
            quoted += R"('\'')";
        } else {
            quoted += c;
        }
    }
    return quoted + '\'';
}

/// The program's name as a part of a function's.
std::string function_name(command_info const& program) {
    auto name = '_' + program.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

void collect(command_info const& of, std::vector<command_info const*>& all) {
    all.push_back(&of);
    for (auto const& each : of.commands) collect(each, all);
}

std::vector<command_info const*> all_commands(command_info const& program) {
    std::vector<command_info const*> all;
    collect(program, all);
    return all;
}

/// What a shell needs to know of a value, in one word.
std::string_view letter(value_kind kind) {
    switch (kind) {
        case value_kind::none:
            return "none";
        case value_kind::choice:
            return "choice";
        case value_kind::list:
            return "list";
        case value_kind::optional:
            return "optional";
        case value_kind::file:
            return "file";
        case value_kind::directory:
            return "directory";
        case value_kind::any:
            break;
    }
    return "any";
}

/// The same for bash and zsh: cases that set `kind` and `choices` for the option `$2` of the
/// command
/// `$1`. Options of one name mostly take the same everywhere, and have one case then.
std::string value_cases(std::vector<command_info const*> const& commands) {
    std::map<std::string, std::map<std::string, std::vector<std::string>>> by_name;
    for (auto const* const command : commands) {
        for (auto const& option : command->options) {
            auto const value = "kind=" + std::string{letter(option.kind)} + " choices='" +
                               join(option.choices) + "'";
            for (auto const& name : option.names) by_name[name][value].push_back(command->path);
        }
    }
    std::string cases;
    for (auto const& [name, values] : by_name) {
        for (auto const& [value, paths] : values) {
            std::string pattern;
            for (auto const& path : paths) {
                if (!pattern.empty()) pattern += '|';
                pattern += '\'' + path + ' ' + name + '\'';
            }
            if (values.size() == 1) pattern = "*' " + name + '\'';
            cases += "        " + pattern + ") " + value + " ;;\n";
        }
    }
    return cases + "        *) kind=none choices= ;;\n";
}

/// The first argument of a command, if a shell can say something about it.
argument_info const* telling_argument(command_info const& command) {
    auto const found = std::ranges::find_if(
        command.arguments, [](argument_info const& each) { return each.kind != value_kind::any; });
    return found == command.arguments.end() ? nullptr : &*found;
}

std::string argument_cases(std::vector<command_info const*> const& commands) {
    std::string cases;
    for (auto const* const command : commands) {
        if (auto const* const argument = telling_argument(*command)) {
            cases += "        '" + command->path +
                     "') kind=" + std::string{letter(argument->kind)} + " choices='" +
                     join(argument->choices) + "' ;;\n";
        }
    }
    return cases + "        *) kind=any choices= ;;\n";
}

std::string paths_of(std::vector<command_info const*> const& commands) {
    std::string paths;
    for (auto const* const command : commands) {
        if (command->path.empty()) continue;
        if (!paths.empty()) paths += '|';
        paths += '\'' + command->path + '\'';
    }
    return paths.empty() ? "''" : paths;
}

/// Replaces each `@NAME@` of a script.
std::string fill_in(std::string script,
                    std::vector<std::pair<std::string, std::string>> const& values) {
    for (auto const& [name, value] : values) {
        auto const mark = '@' + name + '@';
        for (std::size_t at = 0; (at = script.find(mark, at)) != std::string::npos;
             at += value.size()) {
            script.replace(at, mark.size(), value);
        }
    }
    return script;
}

/// What bash and zsh do with each word before the one to complete: it ends in `at` with the
/// command, in `option` with an option whose value comes next, and in `previous` with one that may
/// have one.
constexpr std::string_view walk = R"sh(        previous=
        if [[ -n $option ]]; then
            option=
            continue
        fi
        case $word in
            --*=*) ;;
            -*)
                @function@_value "$at" "$word"
                case $kind in
                    none) ;;
                    optional) previous=$word ;;
                    *) option=$word ;;
                esac
                ;;
            *)
                word=${at:+$at }$word
                case $word in
                    @paths@) at=$word ;;
                esac
                ;;
        esac
)sh";

constexpr std::string_view bash_script =
    R"sh(# Completion for bash, made by `@program@ completion bash`.

@function@_value() {
    case "$1 $2" in
@values@    esac
}

@function@_argument() {
    case $1 in
@arguments@    esac
}

# In `words`: what may stand after the command `$1`.
@function@_words() {
    case $1 in
@words@    esac
}

@function@() {
    local current=${COMP_WORDS[COMP_CWORD]} at= option= previous= kind= choices= words= word i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        # bash takes `--name=value` for three words.
        [[ $word == = ]] && continue
@walk@    done
    if [[ $current == = ]]; then
        option=${option:-$previous} current=
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
        option=${option:-$previous}
    fi
    if [[ $option ]]; then
        @function@_value "$at" "$option"
    elif [[ $current == -* ]]; then
        @function@_words "$at"
        mapfile -t COMPREPLY < <(compgen -W "$words @globals@" -- "$current")
        return
    else
        @function@_words "$at"
        @function@_argument "$at"
        # Commands, without the options.
        for word in $words; do
            [[ $word == -* ]] || choices+=" $word"
        done
        if [[ $previous ]]; then
            words=$choices
            @function@_value "$at" "$previous"
            choices+=" $words"
        fi
        [[ $kind == file || $kind == directory ]] || kind=choice
    fi
    case $kind in
        file | directory)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -A "$kind" -- "$current")
            ;;
        list)
            word=${current##*,}
            mapfile -t COMPREPLY < <(compgen -P "${current%"$word"}" -W "$choices" -- "$word")
            ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current") ;;
    esac
}

complete -F @function@ @program@
)sh";

std::string for_bash(command_info const& program) {
    auto const commands = all_commands(program);
    std::string words;
    for (auto const* const command : commands) {
        std::string here;
        for (auto const& each : command->commands) here += each.name + ' ';
        if (!command->path.empty()) {
            for (auto const& each : command->options) here += join(each.names) + ' ';
        }
        if (!here.empty()) here.pop_back();
        words += "        '" + command->path + "') words='" + here + "' ;;\n";
    }
    std::string globals;
    for (auto const& each : program.options) globals += join(each.names) + ' ';
    if (!globals.empty()) globals.pop_back();
    return fill_in(std::string{bash_script}, {{"walk", std::string{walk}},
                                              {"values", value_cases(commands)},
                                              {"arguments", argument_cases(commands)},
                                              {"words", words},
                                              {"paths", paths_of(commands)},
                                              {"globals", globals},
                                              {"function", function_name(program)},
                                              {"program", program.name}});
}

constexpr std::string_view zsh_script = R"sh(#compdef @program@
# Completion for zsh, made by `@program@ completion zsh`.

@function@_value() {
    case "$1 $2" in
@values@    esac
}

@function@_argument() {
    case $1 in
@arguments@    esac
}

# In `commands` and `options`: what may stand after the command `$1`, with what it means.
@function@_words() {
    commands=() options=()
    case $1 in
@words@    esac
}

@function@() {
    local at= option= previous= kind= choices= word
    local -a commands options globals
    integer i
    for ((i = 2; i < CURRENT; ++i)); do
        word=${words[i]}
@walk@    done
    if [[ -z $option && $PREFIX == --*=* ]]; then
        option=${PREFIX%%=*}
        compset -P 1 '*='
    fi
    if [[ -n $option ]]; then
        @function@_value "$at" "$option"
    else
        @function@_words "$at"
        if [[ $PREFIX == -* ]]; then
            globals=(
@globals@            )
            options+=($globals)
            _describe -o option options
            return
        fi
        if (( $#commands )); then
            _describe command commands
            return
        fi
        @function@_argument "$at"
        if [[ -n $previous && $kind != file ]]; then
            @function@_value "$at" "$previous"
        fi
    fi
    case $kind in
        file) _files ;;
        directory) _files -/ ;;
        list) compset -P '*,'; compadd -S '' -- ${=choices} ;;
        choice | optional) compadd -- ${=choices} ;;
        *) _message value ;;
    esac
}

if [[ $funcstack[1] == @function@ ]]; then
    @function@ "$@"
else
    compdef @function@ @program@
fi
)sh";

/// `name:help` in quotes, as `_describe` takes it.
std::string described(std::string const& name, std::string const& help) {
    return quote(name + ':' + help, "zsh");
}

std::string for_zsh(command_info const& program) {
    auto const commands = all_commands(program);
    auto const add_options = [](std::string& to, command_info const& of, std::string_view margin) {
        for (auto const& each : of.options) {
            for (auto const& name : each.names) {
                to += std::string{margin} + described(name, each.help) + '\n';
            }
        }
    };
    std::string words;
    for (auto const* const command : commands) {
        words += "        '" + command->path + "')\n";
        if (!command->commands.empty()) {
            words += "            commands=(\n";
            for (auto const& each : command->commands) {
                words += "                " + described(each.name, each.help) + '\n';
            }
            words += "            )\n";
        }
        if (!command->path.empty() && !command->options.empty()) {
            words += "            options=(\n";
            add_options(words, *command, "                ");
            words += "            )\n";
        }
        words += "            ;;\n";
    }
    std::string globals;
    add_options(globals, program, "                ");
    return fill_in(std::string{zsh_script}, {{"walk", std::string{walk}},
                                             {"values", value_cases(commands)},
                                             {"arguments", argument_cases(commands)},
                                             {"words", words},
                                             {"paths", paths_of(commands)},
                                             {"globals", globals},
                                             {"function", function_name(program)},
                                             {"program", program.name}});
}

constexpr std::string_view fish_script =
    R"sh(# Completion for fish, made by `@program@ completion fish`.

# Whether the command on the line is the one that is given, by its names.
function _@function@_at
    set -l at
    set -l option
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test -n "$option"
            set option
            continue
        end
        switch $word
            case '--*=*'
            case @valued@
                set option $word
            case '-*'
            case '*'
                set -l below (string join ' ' $at $word)
                if contains -- $below @paths@
                    set at $below
                end
        end
    end
    test "$at" = "$argv"
end

complete -c @program@ -f
)sh";

std::string fish_value(value_kind kind, std::vector<std::string> const& choices) {
    switch (kind) {
        case value_kind::none:
            return {};
        case value_kind::optional:
            return " -a '" + join(choices) + '\'';
        case value_kind::choice:
            return " -x -a '" + join(choices) + '\'';
        case value_kind::list:
            return " -x -a '(__fish_append , " + join(choices) + ")'";
        case value_kind::file:
            return " -r -F";
        case value_kind::directory:
            return " -x -a '(__fish_complete_directories)'";
        case value_kind::any:
            break;
    }
    return " -x";
}

std::string for_fish(command_info const& program) {
    auto const commands = all_commands(program);
    auto const function = '_' + function_name(program) + "_at";
    std::set<std::string> valued;
    std::string lines;
    for (auto const* const command : commands) {
        auto const begin = "complete -c " + program.name;
        // What is the whole program's may stand anywhere.
        auto const here = begin + " -n " + quote(function + ' ' + command->path, "fish");
        for (auto const& each : command->commands) {
            lines += here + " -a " + each.name + " -d " + quote(each.help, "fish") + '\n';
        }
        if (auto const* const argument = telling_argument(*command)) {
            lines += here +
                     (argument->kind == value_kind::file
                          ? std::string{" -F"}
                          : " -a " + quote(join(argument->choices), "fish")) +
                     '\n';
        }
        for (auto const& option : command->options) {
            lines += command->path.empty() ? begin : here;
            for (auto const& name : option.names) {
                lines += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            }
            lines += fish_value(option.kind, option.choices) + " -d " + quote(option.help, "fish") +
                     '\n';
            if (option.kind == value_kind::none || option.kind == value_kind::optional) continue;
            valued.insert(option.names.begin(), option.names.end());
        }
    }
    std::string paths;
    for (auto const* const command : commands) {
        if (!command->path.empty()) paths += ' ' + quote(command->path, "fish");
    }
    if (paths.empty()) paths = " ''";
    auto const names = valued.empty()
                           ? std::string{"''"}
                           : join(std::vector<std::string>(valued.begin(), valued.end()));
    return fill_in(std::string{fish_script}, {{"valued", names},
                                              {"paths", paths.substr(1)},
                                              {"function", function_name(program)},
                                              {"program", program.name}}) +
           lines;
}

}  // namespace

std::string completion_script(command_info const& program, std::string_view shell) {
    if (shell == "bash") return for_bash(program);
    return shell == "zsh" ? for_zsh(program) : for_fish(program);
}

}  // namespace programs
