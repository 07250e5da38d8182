#include "access.hpp"

#include "files.hpp"
#include "output.hpp"
#include "secret_file.hpp"
#include "token_command.hpp"

#include <cstdlib>
#include <utility>
#include <vector>

namespace cfes {

namespace cf = cloudflare;

namespace {

constexpr auto simulated_account = "00000000000000000000000000000000";

/// What a token has at most: no command may fill the memory.
constexpr std::size_t longest_token = 64U << 10U;

std::string from_environment(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? value : "";
}

/// The credentials that an option or the profile names; false when neither does.
bool take_named_credentials(global_options const& globals, std::optional<profile> const& named,
                            cf::client_options& into, std::string& name) {
    auto const use = [&](std::string const& from, std::string const& token) {
        into.credentials(cf::credentials::api_token(token));
        name = "the token from " + from;
    };
    auto const of_profile = named ? " of profile '" + named->id + '\'' : std::string{};
    if (!globals.token_file.empty()) {
        use("--token-file", read_secret_file("--token-file", globals.token_file));
    } else if (!globals.token_command.empty()) {
        use("--token-command",
            run_token_command("--token-command", globals.token_command, longest_token));
    } else if (named && !named->token_file.empty()) {
        auto const from = "token-file" + of_profile;
        use("the " + from, read_secret_file(from, named->token_file));
    } else if (named && !named->token_command.empty()) {
        auto const from = "token-command" + of_profile;
        use("the " + from, run_token_command(from, named->token_command, longest_token));
    } else {
        return false;
    }
    return true;
}

[[noreturn]] void refuse_missing(std::vector<std::string> const& what) {
    std::string text;
    for (auto const& each : what) text += (text.empty() ? "" : "; ") + each;
    throw usage_error(text + "; or name a --profile of both");
}

}  // namespace

std::string access::place() const {
    auto text = "account " + (account_id.empty() ? "(none)" : account_id);
    if (!account_name.empty()) text += " (" + account_name + ')';
    if (!profile.empty()) text += ", profile " + profile;
    return text;
}

access find_access(global_options const& globals, std::optional<profile> const& named,
                   bool needs_account, cf::client_options& into) {
    access found;
    if (named) {
        found.profile = named->id;
        found.account_name = named->name;
    }
    found.account_id = globals.account_id;
    if (!found.account_id.empty() && named && found.account_id != named->account) {
        found.account_name.clear();
    }
    if (found.account_id.empty() && named) found.account_id = named->account;
    if (found.account_id.empty()) {
        found.account_id = from_environment("CLOUDFLARE_ACCOUNT_ID");
        if (!found.account_id.empty()) found.account_name.clear();
    }
    if (globals.simulate) {
        found.credentials_name = "the simulator's token";
        if (found.account_id.empty()) found.account_id = simulated_account;
        return found;
    }
    if (globals.base_url) {
        into.base_url(*globals.base_url);
    } else if (named && !named->base_url.empty()) {
        into.base_url(named->base_url);
    }
    std::vector<std::string> missing;
    if (needs_account && found.account_id.empty()) {
        missing.emplace_back("no account: give --account-id or set CLOUDFLARE_ACCOUNT_ID");
    }
    bool const is_named = take_named_credentials(globals, named, into, found.credentials_name);
    if (!is_named && !into.credentials().empty()) {
        bool const is_token = !from_environment("CLOUDFLARE_API_TOKEN").empty();
        found.credentials_name =
            is_token ? "the token from CLOUDFLARE_API_TOKEN" : "the key from CLOUDFLARE_API_KEY";
    }
    if (into.credentials().empty()) {
        missing.emplace_back(
            "no credentials: give --token-file or --token-command, or set CLOUDFLARE_API_TOKEN (a "
            "token is made at https://dash.cloudflare.com/profile/api-tokens)");
    }
    if (!missing.empty()) refuse_missing(missing);
    return found;
}

}  // namespace cfes
