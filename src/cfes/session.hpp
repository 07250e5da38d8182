#pragma once

#include "access.hpp"
#include "call_watch.hpp"
#include "globals.hpp"
#include "rehearsal.hpp"

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
    /// For what changes something: all such calls go through it, and a dry run sends none of them.
    cloudflare::client const& writer() const { return writer_ ? *writer_ : *client_; }
    /// Whether what changes something is not sent.
    bool is_rehearsal() const { return rehearsal_ != nullptr; }
    /// Whether a call ended because it is a dry run.
    bool was_rehearsed(cloudflare::error const& why) const;
    /// Of such a call: what it is about, as that is now.
    void add_state_if_rehearsed(cloudflare::error const& why, cloudflare::wire::codec const& how,
                                void const* object) const;
    /// Prints what a dry run did not send. `status` is how the command ended; the exit status.
    int finish_rehearsal(int status) const;
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
    std::shared_ptr<rehearsal> rehearsal_;
    std::unique_ptr<cloudflare::client> writer_;  // of a dry run
    struct access access_;
    std::chrono::milliseconds timeout_{};
};

}  // namespace cfes
