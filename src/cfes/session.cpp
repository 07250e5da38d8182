#include "session.hpp"

#include "files.hpp"
#include "output.hpp"
#include "secret_file.hpp"
#include "shared_quota.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <iostream>
#include <sstream>
#include <utility>

namespace cfes {

namespace cf = cloudflare;

namespace {

constexpr auto simulated_account = "00000000000000000000000000000000";

/// No file is read that could fill the memory.
constexpr std::size_t longest_certificates = 16U << 20U;

/// One line for an event. Events hold no secrets.
void print_event(cf::event const& what) {
    std::ostringstream line;
    line << "cfes: [" << what.call << "] " << to_string(what.what);
    if (!what.method.empty()) line << ' ' << what.method << ' ' << what.operation;
    if (what.attempt > 0) line << ", attempt " << what.attempt;
    if (what.status > 0) line << ", status " << what.status;
    if (!what.reason.empty()) line << ", " << what.reason;
    using milliseconds = std::chrono::duration<double, std::milli>;
    if (what.delay.count() > 0) line << ", in " << milliseconds{what.delay}.count() << " ms";
    if (what.elapsed.count() > 0) line << ", " << milliseconds{what.elapsed}.count() << " ms";
    if (!what.ray_id.empty()) line << ", ray " << what.ray_id;
    std::cerr << to_line(std::move(line).str()) + '\n';
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
        options.credentials(
            cf::credentials::api_token(read_secret_file("--token-file", globals.token_file)));
    }
    if (globals.connections) {
        options.pool(cf::pool_options{}.max_connections(*globals.connections));
    }
    if (globals.timeout) options.timeout(*globals.timeout);
    if (globals.max_retries) {
        options.retry(cf::retry_options{}.max_retries(*globals.max_retries));
    }
    if (globals.quota && globals.quota->requests == 0) {
        options.rate_limit(cf::rate_limit_options::unlimited());
    } else if (globals.quota) {
        options.rate_limit(
            cf::rate_limit_options{}.quota(globals.quota->requests, globals.quota->window));
    }
    if (globals.verbose) options.on_event(&print_event);
    return options;
}

cf::simulator::options simulator_options(global_options const& globals) {
    cf::simulator::options options;
    options.log_requests(false);
    if (globals.quota && globals.quota->requests == 0) {
        options.request_quota(std::nullopt);
    } else if (globals.quota) {
        options.request_quota(cf::simulator::quota{globals.quota->requests, globals.quota->window});
    }
    return options;
}

}  // namespace

session::session(boost::asio::any_io_executor executor, global_options const& globals)
    : account_id_{globals.account_id}, output_{globals.output} {
    if (globals.simulate) {
        simulator_ = std::make_unique<cf::simulator::server>(simulator_options(globals));
        if (account_id_.empty()) account_id_ = simulated_account;
    }
    if (account_id_.empty()) {
        throw usage_error("no account: give --account-id or set CLOUDFLARE_ACCOUNT_ID");
    }
    try {
        auto options = options_of(globals, simulator_.get());
        if (!options.credentials().empty()) {
            shared_quota_ = open_quota_store(executor, globals, options);
        }
        if (shared_quota_) options.rate_limiter(shared_quota_);
        timeout_ = options.timeout();
        client_ = std::make_unique<cf::client>(executor, options);
    } catch (cf::exception const& refused) {
        throw usage_error(refused.reason().message());
    }
}

void session::end(boost::asio::any_io_executor executor, std::function<void()> then) const {
    if (!shared_quota_) return then();
    boost::asio::co_spawn(executor, shared_quota_->flush(),
                          [then = std::move(then)](std::exception_ptr) { then(); });
}

}  // namespace cfes
