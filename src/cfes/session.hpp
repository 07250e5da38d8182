#pragma once

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
    /// @throws usage_error when an option cannot be used, or credentials or account are missing.
    session(boost::asio::any_io_executor executor, global_options const& globals);

    cloudflare::client const& client() const { return *client_; }
    std::string const& account_id() const { return account_id_; }
    output_form output() const { return output_; }
    row_options const& rows() const { return rows_; }
    /// How long one call may take.
    std::chrono::milliseconds timeout() const { return timeout_; }

private:
    std::unique_ptr<cloudflare::simulator::server> simulator_;
    std::unique_ptr<cloudflare::client> client_;
    std::string account_id_;
    output_form output_;
    row_options rows_;
    std::chrono::milliseconds timeout_{};
};

}  // namespace cfes
