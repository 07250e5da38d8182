// cfes: Cloudflare Email Security from the command line.

#include "commands.hpp"
#include "help.hpp"
#include "output.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace {

void describe(cfes::command_line& line) {
    auto& app = line.app;
    app.set_version_flag("--version", "cfes " CFES_VERSION);
    app.formatter(std::make_shared<cfes::help_formatter>());
    app.fallthrough();
    app.require_subcommand(1);
    // Inherited by the commands.
    app.footer("\nGlobal options and exit statuses: cfes --help");
    cfes::add_global_options(app, line.globals);
    cfes::add_collections(line);
    app.footer(
        "\nCredentials: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY, in the\n"
        "environment, or --token-file. HTTPS_PROXY and NO_PROXY are obeyed.\n\n"
        "Exit status: 0 done; 1 failed; 2 plan --detailed-exitcode found changes; 3 done in part,\n"
        "the rest was rejected; 64 an argument was refused before anything was sent.\n\n"
        "Try: cfes --simulate block-senders sync FEED");
}

/// What may be repeated of an argument: the name of an option, one letter of it behind a single
/// dash, or a word that could have been meant for a command. Somebody may have tried to give a token
/// as an argument.
std::string harmless_part(std::string const& argument) {
    constexpr std::size_t longest = 32;
    if (argument.starts_with('-') && !argument.starts_with("--")) return argument.substr(0, 2);
    auto const name = argument.substr(0, argument.find('='));
    auto const is_in_names = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
    auto const is_name = name.size() <= longest && std::ranges::all_of(name, is_in_names);
    return is_name ? name : "...";
}

/// Names the option at fault, or else the word.
std::string describe_unknown(std::vector<std::string> const& arguments) {
    auto const is_option = [](std::string const& each) { return each.starts_with('-'); };
    auto const option = std::find_if(arguments.begin(), arguments.end(), is_option);
    if (option == arguments.end()) {
        return "there is no command '" + harmless_part(arguments.front()) + '\'';
    }
    return "there is no option '" + harmless_part(*option) + '\'';
}

/// Complains; a command that has a document for that prints it, where JSON is asked for. The option
/// is looked at itself, as nothing was made of it yet where another one is wrong.
int refuse(cfes::command_line const& line, cfes::usage_error const& wrong) {
    cfes::complain(wrong.what());
    auto const form = line.app.get_option("--output")->results();
    bool const is_json = !form.empty() && form.back() == "json";
    if (is_json && line.describe_refusal) cfes::print(line.describe_refusal(wrong));
    return cfes::usage;
}

}  // namespace

int main(int argc, char** argv) {
    cfes::command_line line;
    try {
        describe(line);
        line.app.parse(argc, argv);
        return cfes::run(line);
    } catch (CLI::Success const& told) {
        return line.app.exit(told);
    } catch (CLI::RequiredError const& wrong) {
        auto const unknown = line.app.remaining(true);
        auto const why = unknown.empty() ? std::string{wrong.what()} : describe_unknown(unknown);
        return refuse(line, cfes::usage_error{why});
    } catch (CLI::ExtrasError const&) {
        return refuse(line, cfes::usage_error{describe_unknown(line.app.remaining(true))});
    } catch (CLI::ParseError const& wrong) {
        return refuse(line, cfes::usage_error{wrong.what()});
    } catch (cfes::usage_error const& wrong) {
        return refuse(line, wrong);
    } catch (std::exception const& broken) {
        cfes::complain(broken.what());
        return cfes::failed;
    }
}
