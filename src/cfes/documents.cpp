#include "documents.hpp"

#include "command_tree.hpp"
#include "completion.hpp"
#include "man_page.hpp"
#include "output.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace cfes {

void add_documents(command_line& line) {
    auto& completion = *line.app.add_subcommand(
        "completion", "Print a script that lets a shell complete commands and options");
    completion.group("Shell");
    auto const shell = std::make_shared<std::string>();
    auto const store = [shell](std::string const& given) {
        constexpr std::array<std::string_view, 3> names{"bash", "zsh", "fish"};
        auto const name = programs::as_spelt(names, given);
        if (name != "bash" && name != "zsh" && name != "fish") {
            throw CLI::ValidationError("SHELL", "must be bash, zsh or fish, not '" + name + '\'');
        }
        *shell = name;
    };
    auto* const which =
        completion.add_option_function<std::string>("SHELL", store, "bash, zsh or fish");
    which->required()->type_name("");
    programs::offer(which, {"bash", "zsh", "fish"});
    completion.callback([&line, shell] {
        line.run_offline = [&line, shell] {
            auto const commands = programs::read_commands(line.app);
            return print_for_reader(programs::completion_script(commands, *shell));
        };
    });

    auto& man = *line.app.add_subcommand("man", "Print the manual page");
    man.group("");
    man.callback([&line] {
        line.run_offline = [&line] {
            return print_for_reader(programs::man_page(
                programs::read_commands(line.app), CFES_VERSION,
                "Cloudflare Email Security from the command line", line.app.get_footer()));
        };
    });
}

}  // namespace cfes
