#include "globals.hpp"

#include "shared_quota.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace cfes {

namespace {

constexpr auto group = "Global options, before or after the command";
constexpr auto output_group = "Output, before or after the command";
/// More than anyone needs, and far from where the arithmetic overflows.
constexpr double longest_seconds = 1e6;

std::optional<double> to_number(std::string_view text) {
    double value{};
    auto const* const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, value);
    if (failed != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> to_time(std::string_view text) {
    auto const seconds = to_number(text);
    if (!seconds || *seconds < 0.001 || *seconds > longest_seconds) return std::nullopt;
    return std::chrono::milliseconds{std::llround(*seconds * 1000)};
}

std::optional<std::chrono::milliseconds> to_wait(std::string_view text) {
    if (to_number(text) == 0.0) return std::chrono::milliseconds{0};
    return to_time(text);
}

std::optional<quota_option> to_quota(std::string_view text) {
    if (text == "none") return quota_option{};
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    quota_option quota;
    auto const* const end = text.data() + slash;
    auto const [stop, failed] = std::from_chars(text.data(), end, quota.requests);
    auto const window = to_time(text.substr(slash + 1));
    if (failed != std::errc{} || stop != end || quota.requests == 0 || !window) return std::nullopt;
    quota.window = *window;
    return quota;
}

/// An option whose text becomes a value by `read`; `expected` says what it has to be.
template <class T>
CLI::Option* add_parsed(CLI::App& app, std::string const& name, std::string const& help,
                        std::string const& expected, std::optional<T>& into,
                        std::optional<T> (*read)(std::string_view)) {
    auto const store = [&into, name, expected, read](std::string const& text) {
        into = read(text);
        if (!into)
            throw CLI::ValidationError(name, "must be " + expected + ", not '" + text + '\'');
    };
    return app.add_option_function<std::string>(name, store, help);
}

}  // namespace

CLI::Option* add_seconds(CLI::App& app, std::string const& name, std::string const& help,
                         seconds_option& into) {
    return add_parsed<std::chrono::milliseconds>(app, name, help, "a number of seconds", into,
                                                 &to_time)
        ->type_name("SECONDS");
}

CLI::Option* add_wait(CLI::App& app, std::string const& name, std::string const& help,
                      seconds_option& into) {
    return add_parsed<std::chrono::milliseconds>(app, name, help, "a number of seconds", into,
                                                 &to_wait)
        ->type_name("SECONDS");
}

void add_global_options(CLI::App& app, global_options& globals) {
    app.add_option("--account-id", globals.account_id, "The account (Env:CLOUDFLARE_ACCOUNT_ID)")
        ->type_name("ID")
        ->group(group);
    // Also an empty one is one that was given.
    auto const set_url = [&globals](std::string const& text) { globals.base_url = text; };
    auto* const url = app.add_option_function<std::string>(
        "--base-url", set_url, "Where the API is (Env:CLOUDFLARE_BASE_URL)");
    url->type_name("URL")->group(group);
    app.add_option("--ca-file", globals.ca_file, "Certificates to trust beside the system's (PEM)")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--token-file", globals.token_file,
                   "File with the API token, instead of credentials in the environment")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--token-command", globals.token_command,
                   "Command that prints the API token, as 'pass show cloudflare'")
        ->type_name("COMMAND")
        ->excludes(app.get_option("--token-file"))
        ->group(group);
    app.add_option("--profile", globals.profile,
                   "Account and token of ~/.config/cfes/config.toml (Env:CFES_PROFILE)")
        ->envname("CFES_PROFILE")
        ->type_name("NAME")
        ->group(group);
    add_parsed<std::size_t>(
        app, "--connections", "Connections at most [8], and requests of a sync at a time [4]",
        "from 1 to 256", globals.connections,
        [](std::string_view text) -> std::optional<std::size_t> {
            auto const value = to_number(text);
            if (!value || *value < 1 || *value > 256 || *value != std::floor(*value)) {
                return std::nullopt;
            }
            return static_cast<std::size_t>(*value);
        })
        ->type_name("N")
        ->group(group);
    add_seconds(app, "--timeout", "For each call, waiting for the quota and retries included [600]",
                globals.timeout)
        ->group(group);
    add_parsed<int>(app, "--max-retries", "Attempts after the first [4]", "from 0 to 100",
                    globals.max_retries,
                    [](std::string_view text) -> std::optional<int> {
                        auto const value = to_number(text);
                        if (!value || *value < 0 || *value > 100 || *value != std::floor(*value)) {
                            return std::nullopt;
                        }
                        return static_cast<int>(*value);
                    })
        ->type_name("N")
        ->group(group);
    add_parsed<quota_option>(app, "--quota", "Requests that the API allows in a time [1200/300]",
                             "N/SECONDS or none", globals.quota, &to_quota)
        ->type_name("N/SECONDS|none")
        ->group(group);
    add_quota_store_options(app, globals.quota_store);
    add_output_options(app, output_group, globals.output, globals.rows);
    app.add_flag("--simulate", globals.simulate,
                 "Use a simulator of the API inside this process; needs no credentials")
        ->excludes(url)
        ->group(group);
    app.add_flag("-y,--yes", globals.yes, "Do not ask before what cannot be undone")->group(group);
    app.add_flag("-q,--quiet", globals.quiet, "Tell nothing but errors, and what was asked for")
        ->group(group);
    app.add_flag("-v,--verbose", globals.verbose, "Tell on stderr what happens on the network")
        ->group(group);
}

}  // namespace cfes
