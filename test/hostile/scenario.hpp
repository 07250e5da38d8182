#pragma once

#include "harness.hpp"

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>

namespace cloudflare::test {

/// What a server does to a request, and what the caller must get of it.
struct scenario {
    explicit scenario(std::string what) : name{std::move(what)} {}

    /// @name What the server does
    /// @{
    scenario& does(script steps) {
        server = std::move(steps);
        return *this;
    }
    /// Answers with these bytes, then closes as it should.
    scenario& answers(std::string bytes) {
        return does({expect(), answer(std::move(bytes)), close()});
    }
    /// Answers with these bytes, and leaves the connection open.
    scenario& answers_and_stays(std::string bytes) {
        return does({expect(), answer(std::move(bytes))}).goes_on();
    }
    /// Speaks only this version of TLS.
    scenario& in_tls(std::string version) {
        settings.tls = std::move(version);
        return *this;
    }
    /// After its steps, it serves further requests as if nothing had been.
    scenario& goes_on() {
        stays = true;
        return *this;
    }
    /// @}

    /// @name What comes of it; without `fails`, the answer is a good one
    /// @{
    scenario& fails(errc with, outcome of_a_write, unsigned with_status = 0) {
        code = with;
        became = of_a_write;
        status = with_status;
        return *this;
    }
    /// What the answer's result is, unless 1.
    scenario& has_id(std::string expected) {
        id = std::move(expected);
        return *this;
    }
    /// Part of the error's message.
    scenario& says(std::string part) {
        message = std::move(part);
        return *this;
    }
    /// The request does not reach the server.
    scenario& is_not_received() {
        requests = 0;
        return *this;
    }
    /// The connection serves the next call; otherwise it must be closed.
    scenario& keeps_the_connection() {
        is_kept = true;
        return *this;
    }
    /// @}

    std::string name;
    server_settings settings;
    script server;
    bool stays = false;
    errc code{};  // none: success
    outcome became = outcome::not_sent;
    unsigned status = 0;
    std::string message;
    std::string id = "1";
    std::size_t requests = 1;
    bool is_kept = false;
};

std::ostream& operator<<(std::ostream& out, scenario const& value);

/// Plays a scenario against a read and a write that are sent once, at the same time, and then
/// checks that the pool is as good as new.
void play(scenario const& what);

/// A pool of two connections, tight limits, and no retries.
client_options tight_options(world const& w);

/// The proof that a client's pool is as good as new, whatever happened before.
class soundness {
public:
    /// Serves any request; those of `check` only when both are there.
    step serves() const;
    /// Two calls at once, all that `tight_options` has room for, succeed on connections that end
    /// with `serves`; a lease that was lost would leave room for only one. Then closes the client
    /// and checks that nothing is left behind.
    void check(world& w, email_security::block_senders const& blocked) const;

private:
    struct state;
    std::shared_ptr<state> state_ = make_state();
    static std::shared_ptr<state> make_state();
};

}  // namespace cloudflare::test
