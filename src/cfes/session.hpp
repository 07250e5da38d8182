#pragma once

#include "access.hpp"
#include "call_watch.hpp"
#include "globals.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/quota_store.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cfes {

/// What a command works with: the client made from the options, and the account.
class session {
public:
    /// Connects to nothing yet.
    /// The options must outlive it.
    /// @throws usage_error when an option cannot be used, or credentials or account are missing.
    session(boost::asio::any_io_executor executor, global_options const& globals,
            std::optional<profile> const& named = {}, bool needs_account = true);

    cloudflare::client const& client() const { return *client_; }
    /// Empty only where no account is needed.
    std::string const& account_id() const { return access_.account_id; }
    output_form output() const { return globals_->output; }
    /// Whether nothing is said of what was done as it should be: by --quiet, in a form for people.
    bool is_silent() const;
    row_options const& rows() const { return globals_->rows; }
    /// How long one call may take.
    std::chrono::milliseconds timeout() const { return timeout_; }
    call_watch const& watch() const { return watch_; }
    global_options const& globals() const { return *globals_; }
    /// Whose access it is.
    struct access const& access() const {
        return access_;
    }
    /// Where all of it happens, as `account 0123…, profile prod`.
    std::string place() const;

    /// Gives back what was leased of a shared quota and not used, and then goes on.
    void end(boost::asio::any_io_executor executor, std::function<void()> then) const;

private:
    global_options const* globals_;
    call_watch watch_;
    std::unique_ptr<cloudflare::simulator::server> simulator_;
    std::shared_ptr<cloudflare::quota_store> shared_quota_;
    std::unique_ptr<cloudflare::client> client_;
    struct access access_;
    std::chrono::milliseconds timeout_{};
};

}  // namespace cfes
