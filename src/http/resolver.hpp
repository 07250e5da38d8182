#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cloudflare::inline v0::http {

/// Looks the addresses of a name up.
///
/// `getaddrinfo` blocks, for as long as it likes. It is called on threads of the library's own, at
/// most four in the process, which begin when they are needed and end when there is nothing to do.
/// Nobody waits for them: a call that hangs is left behind, at a cancellation and at the end of the
/// execution context, and holds up no other name. Lookups of one name at a time share one call;
/// names beyond the fourth wait for a thread, for as long as their dials' `connect_timeout` lasts.
class resolver {
public:
    using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
    struct answer {
        endpoints addresses;
        boost::system::error_code ec;
    };

    /// What follows runs on the executor, which must be a strand or as good as one.
    explicit resolver(boost::asio::any_io_executor executor);
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;

    /// One at a time.
    boost::asio::awaitable<answer> resolve(std::string host, std::string port);
    /// Ends it with `operation_aborted`.
    void cancel();

private:
    class threads;
    class service;
    struct lookup;
    struct subscriber;

    boost::asio::any_io_executor executor_;
    subscriber* under_way_ = nullptr;
};

}  // namespace cloudflare::inline v0::http
