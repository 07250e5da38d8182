// cfes: Cloudflare Email Security from the command line.

#include "commands.hpp"
#include "documents.hpp"
#include "failures.hpp"
#include "help.hpp"
#include "help_verbs.hpp"
#include "output.hpp"
#include "process.hpp"
#include "row_writer.hpp"
#include "show_plan.hpp"
#include "unknown_argument.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace {

void describe(cfes::command_line& line) {
    auto& app = line.app;
    app.set_version_flag("-V,--version", "cfes " CFES_VERSION, "Show the version");
    app.formatter(std::make_shared<cfes::help_formatter>());
    app.fallthrough();
    app.require_subcommand(1);
    // Inherited by the commands.
    app.footer("\nGlobal options and exit statuses: cfes --help");
    cfes::add_global_options(app, line.globals);
    cfes::add_collections(line);
    cfes::add_documents(line);
    cfes::add_show(line);
    cfes::add_help_verbs(line);
    app.footer(
        "\nCredentials: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY, in the\n"
        "environment, or --token-file, --token-command or --profile. HTTPS_PROXY and NO_PROXY are\n"
        "obeyed.\n\n"
        "A user and a password of a quota store: in CFES_QUOTA_STORE or --quota-store-file, as\n"
        "redis://USER:PASSWORD@HOST:PORT; never as an argument.\n\n"
        "Exit status: 0 done; 1 failed; 2 --detailed-exitcode and changes; 3 done in part,\n"
        "the rest was rejected; 4 not allowed (HTTP 401, 403); 5 not found; 64 an argument was\n"
        "refused before anything was sent; 75 try later: no quota left, the API or the network is\n"
        "down, or another sync of the same list and owner is running. A signal ends the command\n"
        "after its report, by that signal: 130 is SIGINT.\n\n"
        "Try: cfes --simulate block-senders sync FEED");
}

/// Complains, and prints that as a document where JSON is asked for. The option
/// is looked at itself, as nothing was made of it yet where another one is wrong.
int refuse(cfes::command_line const& line, cfes::usage_error const& wrong) {
    cfes::complain(wrong.what());
    auto const given = line.app.get_option("--output")->results();
    auto const form = given.empty() ? std::nullopt : cfes::form_named(given.back());
    if (form && cfes::is_document(*form)) {
        auto const document = line.describe_refusal ? line.describe_refusal(wrong)
                                                    : cfes::refusal_document(wrong.what());
        cfes::print(cfes::to_shown_json(document, *form));
    }
    return cfes::usage;
}

}  // namespace

int main(int argc, char** argv) {
    programs::prepare_process();
    cfes::command_line line;
    try {
        describe(line);
        line.app.parse(argc, argv);
        auto const ended = cfes::run(line);
        if (ended.signal != 0) programs::die_by(ended.signal);
        return ended.status;
    } catch (CLI::Success const& success) {
        std::ostringstream help;
        line.app.exit(success, help);
        return cfes::print_for_reader(help.str());
    } catch (CLI::RequiredError const& wrong) {
        auto const unknown = cfes::describe_unknown_argument(line.app);
        auto const& chosen = cfes::chosen_verb(line.app);
        bool const lacks_verb = !chosen.get_subcommands({}).empty();
        if (unknown.empty() && lacks_verb) return cfes::print_for_reader(cfes::help_of(chosen));
        return refuse(line, cfes::usage_error{unknown.empty() ? wrong.what() : unknown});
    } catch (CLI::ExtrasError const&) {
        return refuse(line, cfes::usage_error{cfes::describe_unknown_argument(line.app)});
    } catch (CLI::ParseError const& wrong) {
        return refuse(line, cfes::usage_error{wrong.what()});
    } catch (cfes::usage_error const& wrong) {
        return refuse(line, wrong);
    } catch (std::exception const& broken) {
        cfes::complain(broken.what());
        return cfes::failed;
    }
}
