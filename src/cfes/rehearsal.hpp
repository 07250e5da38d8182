#pragma once

#include "output_options.hpp"

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace cfes {

/// Keeps what a command would send that is told to send nothing (`--dry-run`).
///
/// It answers nothing: each call ends with `errc::closed`.
class rehearsal final : public cloudflare::transport {
public:
    boost::asio::awaitable<cloudflare::result<cloudflare::response>> send(
        cloudflare::request const& message, cloudflare::attempt_facts& facts) override;
    boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) override;

    bool empty() const noexcept { return kept_.empty(); }
    /// What the last request would change or delete, as it is now.
    void add_state(cloudflare::wire::codec const& how, void const* object);
    /// Prints all of it: for people, or as a document, `{"dry_run":true,"place":…,"requests":[…]}`
    /// with `method`, `path`, `body` and `now` of each. `place` is where it would be sent. The exit
    /// status.
    int print_all(std::string const& place, output_form form) const;

private:
    struct kept_request {
        std::string method;
        std::string target;
        std::string body;   ///< JSON; empty: none
        std::string state;  ///< the same
        std::string shown_state;
    };
    std::vector<kept_request> kept_;
};

}  // namespace cfes
