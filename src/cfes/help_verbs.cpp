#include "help_verbs.hpp"

#include "help.hpp"
#include "output.hpp"
#include "unknown_argument.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace cfes {

namespace {

int print_help_about(CLI::App& root, std::vector<std::string> const& words) {
    auto* about = &root;
    for (auto const& word : words) {
        auto const all = about->get_subcommands({});
        auto const found = std::ranges::find_if(
            all, [&word](CLI::App const* each) { return each->check_name(word); });
        if (found == all.end()) throw usage_error(describe_unknown_word(*about, word));
        about = *found;
    }
    return print_for_reader(help_of(*about));
}

}  // namespace

void add_help_verbs(command_line& line) {
    auto& help = *line.app.add_subcommand("help", "Show what a collection or a verb is for");
    auto const words = std::make_shared<std::vector<std::string>>();
    help.add_option("WORD", *words, "A collection, and a verb of it")->type_name("");
    help.callback([&line, words] {
        line.run_offline = [&line, words] { return print_help_about(line.app, *words); };
    });
    auto& version = *line.app.add_subcommand("version", "Show the version");
    version.callback([&line] {
        line.run_offline = [] { return print("cfes " CFES_VERSION "\n") ? done : failed; };
    });
    for (auto* const each : {&help, &version}) each->group("Other commands");
}

}  // namespace cfes
