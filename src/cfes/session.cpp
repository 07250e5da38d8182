#include "session.hpp"

#include "files.hpp"
#include "output.hpp"
#include "secret_file.hpp"
#include "shared_quota.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cfes {

namespace cf = cloudflare;

namespace {

/// What certificates have at most; no file is read that could fill the memory.
constexpr std::size_t longest_certificates = 16U << 20U;

/// All but whose access it is.
cf::client_options options_of(global_options const& globals,
                              cf::simulator::server const* simulator) {
    auto options = simulator ? cf::client_options{cf::credentials::api_token("simulated")}.base_url(
                                   simulator->base_url())
                             : cf::client_options::from_environment();
    cf::tls_options tls;
    if (simulator) tls.extra_ca(simulator->ca_certificate());
    if (!globals.ca_file.empty()) tls.extra_ca(read_file(globals.ca_file, longest_certificates));
    options.tls(tls).user_agent("cfes/" CFES_VERSION);
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

std::chrono::milliseconds longest_attempt(global_options const& globals) {
    auto const longest = cf::pool_options{}.exchange_timeout();
    return globals.timeout ? std::min(*globals.timeout, longest) : longest;
}

}  // namespace

session::session(boost::asio::any_io_executor executor, global_options const& globals,
                 std::optional<profile> const& named, bool needs_account)
    : globals_{&globals}, watch_{executor, globals.verbose, longest_attempt(globals)} {
    if (globals.simulate) {
        simulator_ = std::make_unique<cf::simulator::server>(simulator_options(globals));
    }
    try {
        auto options = options_of(globals, simulator_.get());
        access_ = find_access(globals, named, needs_account, options);
        if (globals.dry_run) {
            auto unsent = options;
            unsent.rate_limit(cf::rate_limit_options::unlimited());
            unsent.retry(cf::retry_options{}.max_retries(0));
            rehearsal_ = std::make_shared<rehearsal>();
            writer_ = std::make_unique<cf::client>(executor, unsent, rehearsal_);
        }
        options.on_event(watch_.hook());
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

bool session::is_silent() const {
    return globals_->quiet && (output() == output_form::table || output() == output_form::wide);
}

bool session::was_rehearsed(cf::error const& why) const {
    return rehearsal_ && why.code() == cf::errc::closed;
}

void session::add_state_if_rehearsed(cf::error const& why, cf::wire::codec const& how,
                                     void const* object) const {
    if (was_rehearsed(why)) rehearsal_->add_state(how, object);
}

int session::finish_rehearsal(int status) const {
    // What failed has told why.
    if (!rehearsal_ || (status != done && rehearsal_->empty())) return status;
    auto const printed = rehearsal_->print_all(place(), output());
    return status == done ? printed : status;
}

std::string session::place() const {
    auto const text = access_.place();
    if (simulator_) return "the simulator, " + text;
    auto const& url = client_->options().base_url();
    return url == cf::client_options{}.base_url() ? text : text + ", at " + url;
}

}  // namespace cfes
