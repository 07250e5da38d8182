#include "bench_client.hpp"

#include <cloudflare/rate_limiter.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <utility>

namespace bench {

namespace asio = boost::asio;
namespace cf = cloudflare;

namespace {

/// Its quota is never used up, whatever the server says.
class generous_limiter final : public cf::rate_limiter {
public:
    bool try_acquire(cf::grant_request const& request) override {
        return real_->try_acquire(request);
    }
    asio::awaitable<cf::result<void>> acquire(cf::grant_request request,
                                              std::chrono::steady_clock::time_point deadline,
                                              std::stop_token stop) override {
        return real_->acquire(request, deadline, std::move(stop));
    }
    void observe(cf::rate_limit_report const& report) override {
        auto told = report;
        told.ratelimit = R"("default";r=1000000000;t=300)";
        told.ratelimit_policy = R"("default";q=1000000000;w=300)";
        real_->observe(told);
    }
    cf::quota_snapshot snapshot() const override { return real_->snapshot(); }

private:
    std::shared_ptr<cf::rate_limiter> real_ =
        cf::make_rate_limiter(cf::rate_limit_options{}.reserve(0).per_second(0));
};

}  // namespace

std::string read_file(std::string const& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>{in}, {}};
}

cf::client_options client_options(options const& run, bool obeys_server) {
    cf::client_options made{cf::credentials::api_token(token)};
    // Under valgrind, connecting takes its time.
    auto const patient = cf::pool_options{}
                             .max_connections(run.connections)
                             .connect_timeout(std::chrono::minutes{10})
                             .exchange_timeout(std::chrono::minutes{10});
    made.base_url(run.base_url)
        .tls(cf::tls_options{}.system_trust(false).extra_ca(read_file(run.ca_file)))
        .pool(patient)
        .rate_limit(cf::rate_limit_options{}.reserve(0).per_second(0));
    if (!obeys_server) made.rate_limiter(std::make_shared<generous_limiter>());
    return made;
}

}  // namespace bench
