#pragma once

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace test {

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;
namespace sim = cloudflare::simulator;

using block_feed = es::feed<es::block_senders_traits>;
using block_plan = es::sync_plan<es::block_senders_traits>;

inline constexpr auto account = "0123456789abcdef0123456789abcdef";

template <class Traits = es::block_senders_traits>
es::feed<Traits> feed_of(std::string const& text, es::feed_options<Traits> const& options = {}) {
    std::istringstream in{text};
    return es::read_feed<Traits>(in, options).value();
}

/// `count` domains, a line each.
inline std::string domains(int count, int from = 0) {
    std::string text;
    for (int i = from; i != from + count; ++i) text += "d" + std::to_string(i) + ".example\n";
    return text;
}

inline std::vector<std::string> patterns_in(block_feed const& feed) {
    std::vector<std::string> patterns;
    for (auto const& each : feed.entries) patterns.push_back(each.item.pattern());
    std::sort(patterns.begin(), patterns.end());
    return patterns;
}

inline cf::client_options quick_options() {
    cf::client_options options{cf::credentials::api_token("test-token")};
    options.rate_limit(cf::rate_limit_options::unlimited())
        .retry(cf::retry_options{}.backoff(std::chrono::milliseconds{1},
                                           std::chrono::milliseconds{1}));
    return options;
}

/// Runs a coroutine to its end.
template <class T>
T run(asio::io_context& context, asio::awaitable<T> work, asio::cancellation_slot slot = {}) {
    std::optional<T> value;
    auto on_end = [&value](std::exception_ptr thrown, T got) {
        if (thrown) std::rethrow_exception(thrown);
        value.emplace(std::move(got));
    };
    asio::co_spawn(context, std::move(work), asio::bind_cancellation_slot(slot, on_end));
    context.restart();
    context.run();
    return std::move(value).value();
}

/// A simulator, and a client for it.
struct fixture {
    explicit fixture(sim::options options = {}, cf::client_options settings = quick_options())
        : server{std::move(options.request_quota(std::nullopt))},
          client{
              context.get_executor(),
              settings.base_url(server.base_url())
                  .tls(cf::tls_options{}.system_trust(false).extra_ca(server.ca_certificate()))} {}

    es::block_senders blocked() { return {client, account}; }

    es::sync_report sync(block_feed feed, es::sync_options options = {}) {
        return run(context, es::sync(blocked(), std::move(feed), std::move(options)));
    }
    cf::result<block_plan> plan(block_feed feed, es::sync_options options = {}) {
        std::optional<cf::result<block_plan>> made;
        auto keep = [&](std::exception_ptr thrown, cf::result<block_plan> got) {
            if (thrown) std::rethrow_exception(thrown);
            made.emplace(std::move(got));
        };
        asio::co_spawn(context, es::plan(blocked(), std::move(feed), std::move(options)), keep);
        context.restart();
        context.run();
        return std::move(*made);
    }

    /// What the server has, sorted; a pattern comes as often as it is there.
    std::vector<std::string> patterns() const {
        auto all = server.patterns(account);
        std::sort(all.begin(), all.end());
        return all;
    }
    /// Requests since the last call, by method.
    std::size_t count(std::string const& method) {
        auto const log = server.take_log();
        return static_cast<std::size_t>(std::count_if(
            log.begin(), log.end(), [&](auto const& each) { return each.method == method; }));
    }

    asio::io_context context{1};
    sim::server server;
    cf::client client;
};

}  // namespace test
