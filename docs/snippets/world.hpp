#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <string>
#include <utility>

// What the pages show is between two lines `//! [name]`; `test/examples/documents.py` holds the two
// together. Here is what the snippets need to run.
namespace snippets {

inline constexpr auto account = "0123456789abcdef0123456789abcdef";

/// A simulator, and a client of it.
struct world {
    explicit world(cloudflare::simulator::options how = {}) : api{std::move(how)} {}

    cloudflare::client_options options() const {
        cloudflare::client_options made{cloudflare::credentials::api_token("any")};
        made.base_url(api.base_url());
        made.tls(cloudflare::tls_options{}.extra_ca(api.ca_certificate()));
        return made;
    }
    cloudflare::client client() { return {context.get_executor(), options()}; }

    /// Runs it to its end.
    template <class T>
    T run(boost::asio::awaitable<T> what) {
        auto ended = boost::asio::co_spawn(context, std::move(what), boost::asio::use_future);
        context.restart();
        context.run();
        return ended.get();
    }

    cloudflare::simulator::server api;
    boost::asio::io_context context;
};

}  // namespace snippets
