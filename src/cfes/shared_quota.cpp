#include "shared_quota.hpp"

#include "output.hpp"
#include "secret_file.hpp"

#include <cstdlib>
#include <string>
#include <utility>

namespace cfes {

namespace cf = cloudflare;

namespace {

constexpr char const* variable = "CFES_QUOTA_STORE";

/// The address, told where it was given: it is not repeated.
cf::quota_store_options read_address(std::string const& place, std::string const& address) {
    try {
        return cf::quota_store_options{address};
    } catch (cf::exception const& refused) {
        throw usage_error(place + ": " + refused.reason().detail());
    }
}

/// What was given as an argument, which everybody on the host can see.
cf::quota_store_options read_argument(std::string const& address) {
    auto options = read_address("--quota-store", address);
    if (options.has_login()) {
        throw usage_error(std::string{"--quota-store: a user or a password is given by "} +
                          variable + " or --quota-store-file, never as an argument");
    }
    return options;
}

}  // namespace

void add_quota_store_options(CLI::App& app, quota_store_arguments& into) {
    constexpr char const* group = "Global options, before or after the command";
    auto const set_address = [&into](std::string const& text) { into.address = text; };
    auto* const address = app.add_option_function<std::string>(
        "--quota-store", set_address,
        "Share the quota with other processes: redis://HOST:PORT[/DB], unix:PATH of Redis, or "
        "file:PATH on one host (Env:CFES_QUOTA_STORE)");
    address->type_name("ADDRESS")->group(group);
    app.add_option("--quota-store-file", into.file,
                   "File with the address, which may have a user and a password")
        ->excludes(address)
        ->type_name("FILE")
        ->group(group);
    auto const set_processes = [&into](std::uint64_t const& number) { into.processes = number; };
    app.add_option_function<std::uint64_t>(
           "--quota-processes", set_processes,
           "Among how many processes the quota is divided while the store is away [8]")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}).description(""))
        ->type_name("N")
        ->group(group);
}

std::optional<cf::quota_store_options> quota_store_of(global_options const& globals) {
    auto const& given = globals.quota_store;
    bool const is_unlimited = globals.quota && globals.quota->requests == 0;
    if (is_unlimited && (given.address || !given.file.empty())) {
        throw usage_error("--quota none leaves no quota to share");
    }
    if (is_unlimited) return std::nullopt;
    if (given.address) return read_argument(*given.address);
    if (!given.file.empty()) {
        // Once, as it may be stdin.
        static auto const text = read_secret_file("--quota-store-file", given.file);
        return read_address("--quota-store-file", text);
    }
    auto const* const from_environment = std::getenv(variable);
    if (!from_environment || *from_environment == '\0') return std::nullopt;
    return read_address(variable, from_environment);
}

std::shared_ptr<cf::quota_store> open_quota_store(boost::asio::any_io_executor executor,
                                                  global_options const& globals,
                                                  cf::client_options const& with) {
    auto options = quota_store_of(globals);
    if (!options) return nullptr;
    auto const tell = [name = options->describe()](cf::quota_store_event const& event) {
        if (event.what == cf::quota_store_event::kind::away) {
            complain("warning: without the quota store " + name + ": " + std::string{event.reason} +
                     "; keeping to a share of the quota");
        } else {
            complain("the quota store " + name + " is back");
        }
    };
    options->quota(with.rate_limit()).on_event(tell).ca_file(globals.ca_file);
    if (globals.quota_store.processes) {
        options->expected_processes(*globals.quota_store.processes);
    }
    return cf::make_quota_store(std::move(executor), with.credentials(), *options);
}

}  // namespace cfes
