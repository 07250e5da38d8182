#include "world.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/quota_store.hpp>
#include <cloudflare/rate_limiter.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
namespace simulator = cloudflare::simulator;
using namespace snippets;
using namespace std::chrono_literals;

namespace {

//! [shared_limiter]
/// Two clients of one user, for bulk work and for people who wait, inside one quota.
struct two_clients {
    two_clients(asio::any_io_executor executor, cloudflare::client_options options)
        : bulk{executor, options.rate_limiter(cloudflare::make_rate_limiter())},
          interactive{executor, options} {}

    cloudflare::client bulk;
    cloudflare::client interactive;
};
//! [shared_limiter]

//! [priority]
asio::awaitable<cloudflare::result<es::block_sender>> block_now(es::block_senders blocked,
                                                                es::new_block_sender entry) {
    auto const options = cloudflare::call_options{}.priority(cloudflare::call_priority::high);
    co_return co_await blocked.create(std::move(entry), options);
}
//! [priority]

cloudflare::client_options with_store(asio::io_context& context, std::string token,
                                      std::string address) {
    auto const executor = context.get_executor();
    //! [quota_store]
    cloudflare::client_options options{cloudflare::credentials::api_token(token)};
    cloudflare::quota_store_options const where{address};  // as "redis://10.0.0.1:6379/2"
    options.rate_limiter(cloudflare::make_quota_store(executor, options.credentials(), where));
    //! [quota_store]
    return options;
}

//! [shutdown]
/// No new calls; those in flight have five seconds, and end with `errc::closed` after that.
asio::awaitable<void> shut_down(cloudflare::client client) {
    co_await client.close(5s);
}
//! [shutdown]

//! [metrics]
void tell_health(cloudflare::client const& client, std::ostream& out) {
    auto const counted = client.metrics();
    auto const known = client.quota();
    out << "calls " << counted.calls << ", failed " << counted.failures << ", retries "
        << counted.retries << ", connections " << counted.connections_opened << "; quota "
        << known.remaining << " of " << known.limit << ", waiting " << known.waiting << '\n';
}
//! [metrics]

//! [simulator]
struct tested {
    simulator::server api;  // HTTPS on 127.0.0.1, on a thread of its own
    asio::io_context context;

    cloudflare::client make_client() {
        cloudflare::client_options options{cloudflare::credentials::api_token("any")};
        options.base_url(api.base_url());
        options.tls(cloudflare::tls_options{}.extra_ca(api.ca_certificate()));
        return {context.get_executor(), std::move(options)};
    }
};
//! [simulator]

simulator::options unkind() {
    //! [faults]
    simulator::options how;
    how.request_quota(simulator::quota{100, 10s});       // 100 requests in 10 s
    how.fault("POST:reset-after#1,GET:503@0.05,429#7");  // see simulator.hpp for all of them
    how.on_duplicate(simulator::duplicates::conflict);   // a create of what is there: 409
    how.writers(5);                                      // five changes by others a second
    how.list_lag(200ms);                                 // lists show a write only later
    //! [faults]
    return how;
}

//! [transport]
/// Answers everything with an empty list, without a network.
class empty_api final : public cloudflare::transport {
public:
    asio::awaitable<cloudflare::result<cloudflare::response>> send(
        cloudflare::request const& message, cloudflare::attempt_facts& facts) override {
        facts.bytes_sent = facts.response_started = true;
        requests.push_back(std::string{to_string(message.operation.method)} + ' ' + message.target);
        cloudflare::response answer;
        answer.status = 200;
        answer.body = R"({"success":true,"errors":[],"messages":[],"result":[]})";
        co_return answer;
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

    std::vector<std::string> requests;
};
//! [transport]

}  // namespace

BOOST_AUTO_TEST_SUITE(services)

BOOST_AUTO_TEST_CASE(sharing) {
    world here{simulator::options{}.request_quota(simulator::quota{100, 300s})};
    two_clients const both{here.context.get_executor(), here.options()};
    BOOST_TEST(both.bulk.options().rate_limiter() == both.interactive.options().rate_limiter());
    es::block_senders const blocked{both.interactive, account};
    es::new_block_sender const entry{"evil.example", es::pattern_type::domain};
    BOOST_TEST(here.run(block_now(blocked, entry)).has_value());
    BOOST_TEST(both.bulk.quota().limit == 100u);
    std::ostringstream text;
    tell_health(both.interactive, text);
    BOOST_TEST(text.str().starts_with("calls 1, failed 0, retries 0, connections 1; quota "));
    here.run(shut_down(both.interactive));
    auto const refused = here.run(block_now(blocked, entry));
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code() == cloudflare::errc::closed));
}

BOOST_AUTO_TEST_CASE(store) {
    asio::io_context context;
    auto const file = std::filesystem::temp_directory_path() / "cloudflare-snippets-quota";
    auto const options = with_store(context, "any", "file:" + file.string());
    BOOST_TEST(!!options.rate_limiter());
}

BOOST_AUTO_TEST_CASE(a_test_of_your_own) {
    tested here;
    es::block_senders const blocked{here.make_client(), account};
    //! [test]
    here.api.seed_block_senders(account, {"evil.example"});
    here.api.set_fault("GET:503#1");  // the first attempt fails, the second does not

    auto listing = asio::co_spawn(here.context, blocked.list_all(), asio::use_future);
    here.context.run();

    BOOST_TEST(listing.get().value().size() == 1u);
    auto const log = here.api.take_log();
    BOOST_TEST(log.size() == 2u);
    BOOST_TEST(log.front().status == 503u);
    //! [test]
}

BOOST_AUTO_TEST_CASE(faults) {
    world here{unkind()};
    es::block_senders const blocked{here.client(), account};
    auto const all = here.run(blocked.list_all());
    BOOST_TEST(all.has_value());
    BOOST_TEST(!all.value().empty());
}

BOOST_AUTO_TEST_CASE(a_transport_of_your_own) {
    asio::io_context context;
    //! [use_transport]
    auto const api = std::make_shared<empty_api>();
    cloudflare::client_options const options{cloudflare::credentials::api_token("any")};
    cloudflare::client const client{context.get_executor(), options, api};
    //! [use_transport]
    es::block_senders const blocked{client, account};
    auto listing = asio::co_spawn(context, blocked.list_all(), asio::use_future);
    context.run();
    BOOST_TEST(listing.get().value().empty());
    BOOST_TEST(api->requests.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
