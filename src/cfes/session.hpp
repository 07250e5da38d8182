#pragma once

#include "call_watch.hpp"
#include "globals.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cfes {

/// What a command works with: the client made from the options, and the account.
class session {
public:
    /// Connects to nothing yet.
    /// The options must outlive it.
    /// @throws usage_error when an option cannot be used, or credentials or account are missing.
    session(boost::asio::any_io_executor executor, global_options const& globals);

    cloudflare::client const& client() const { return *client_; }
    std::string const& account_id() const { return account_id_; }
    output_form output() const { return output_; }
    /// How long one call may take.
    std::chrono::milliseconds timeout() const { return timeout_; }
    call_watch const& watch() const { return watch_; }
    global_options const& globals() const { return *globals_; }
    /// Where all of it happens, as `account 0123…`.
    std::string place() const;

private:
    global_options const* globals_;
    call_watch watch_;
    std::unique_ptr<cloudflare::simulator::server> simulator_;
    std::unique_ptr<cloudflare::client> client_;
    std::string account_id_;
    output_form output_;
    std::chrono::milliseconds timeout_{};
};

}  // namespace cfes
