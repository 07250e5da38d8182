#include "session.hpp"

#include "files.hpp"
#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cfes {

namespace cf = cloudflare;

namespace {

constexpr auto simulated_account = "00000000000000000000000000000000";

/// What a token has at most, and certificates; no file is read that could fill the memory.
constexpr std::size_t longest_token = 64U << 10U;
constexpr std::size_t longest_certificates = 16U << 20U;

/// Complains of what others can do to the file with the token.
void warn_of_others(std::string const& path, struct stat const& about) {
    // A terminal is no place where a token stays.
    if (S_ISCHR(about.st_mode)) return;
    if ((about.st_mode & (S_IRGRP | S_IROTH)) != 0) complain("warning: others can read " + path);
    bool const is_foreign = about.st_uid != ::geteuid() && about.st_uid != 0;
    if (is_foreign || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        complain("warning: others can change " + path);
    }
}

std::string read_token(std::string const& path) {
    struct stat about {};
    auto const is_there = ::stat(path.c_str(), &about) == 0;
    // The path is not repeated: the token itself may have been given for it.
    if (!is_there && path != "-") {
        throw usage_error("--token-file: cannot read it: " + reason_of(errno));
    }
    if (is_there) warn_of_others(path, about);
    auto token = read_file(path, longest_token);
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    return token;
}

cf::client_options options_of(global_options const& globals,
                              cf::simulator::server const* simulator) {
    auto options = simulator ? cf::client_options{cf::credentials::api_token("simulated")}.base_url(
                                   simulator->base_url())
                             : cf::client_options::from_environment();
    cf::tls_options tls;
    if (simulator) tls.extra_ca(simulator->ca_certificate());
    if (!globals.ca_file.empty()) tls.extra_ca(read_file(globals.ca_file, longest_certificates));
    options.tls(tls).user_agent("cfes/" CFES_VERSION);
    if (globals.base_url) options.base_url(*globals.base_url);
    if (!globals.token_file.empty() && !simulator) {
        options.credentials(cf::credentials::api_token(read_token(globals.token_file)));
    }
    if (globals.connections) {
        options.pool(cf::pool_options{}.max_connections(*globals.connections));
    }
    if (globals.timeout) options.timeout(*globals.timeout);
    if (globals.max_retries) {
        options.retry(cf::retry_options{}.max_retries(*globals.max_retries));
    }
    if (globals.quota) {
        options.rate_limit(
            cf::rate_limit_options{}.quota(globals.quota->requests, globals.quota->window));
    }
    return options;
}

cf::simulator::options simulator_options(global_options const& globals) {
    cf::simulator::options options;
    options.log_requests(false);
    if (globals.quota) {
        options.request_quota(cf::simulator::quota{globals.quota->requests, globals.quota->window});
    }
    return options;
}

}  // namespace

session::session(boost::asio::any_io_executor executor, global_options const& globals)
    : globals_{&globals},
      watch_{globals.verbose},
      account_id_{globals.account_id},
      output_{globals.output} {
    if (globals.simulate) {
        simulator_ = std::make_unique<cf::simulator::server>(simulator_options(globals));
        if (account_id_.empty()) account_id_ = simulated_account;
    }
    if (account_id_.empty()) {
        throw usage_error("no account: give --account-id or set CLOUDFLARE_ACCOUNT_ID");
    }
    try {
        auto options = options_of(globals, simulator_.get());
        options.on_event(watch_.hook());
        timeout_ = options.timeout();
        client_ = std::make_unique<cf::client>(executor, options);
    } catch (cf::exception const& refused) {
        throw usage_error(refused.reason().message());
    }
}

std::string session::place() const {
    return "account " + account_id_;
}

}  // namespace cfes
