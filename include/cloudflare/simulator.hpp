#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// An in-memory simulator of the Cloudflare Email Security API, for tests and demonstrations.
///
/// It speaks HTTPS on 127.0.0.1 with a certificate of its own making, keeps its data in memory and
/// forgets it at the end. It runs on a thread of its own, so a test needs nothing but an object.
namespace cloudflare::simulator {

/// What the API does with a create whose pattern, type and regex flag are there already. Cloudflare
/// documents neither.
enum class duplicates { accept, conflict };

/// The form of the identifiers that the simulator hands out.
enum class identifier_form { uuid, integer };

/// How many requests a window allows. Exceeding it blocks everything until `window` has passed.
struct quota {
    std::uint64_t requests = 1200;
    std::chrono::milliseconds window = std::chrono::seconds{300};
};

/// What a server is made from. Every setter returns the object, for chaining.
class options {
public:
    options();

    /// TCP port on 127.0.0.1; 0, the default, lets the system choose one.
    options& port(std::uint16_t value);
    /// The one bearer token that is accepted. By default every well-formed credential is.
    options& token(std::string value);
    /// The one account that exists. By default every well-formed account does, with its own data.
    options& account_id(std::string value);
    /// The request quota; by default Cloudflare's, 1200 requests in 300 seconds. `std::nullopt`
    /// lifts it, and the rate-limit headers are not sent.
    options& request_quota(std::optional<quota> value);
    /// How long every answer is held back; 0 by default.
    options& latency(std::chrono::milliseconds value);
    /// Faults to inject, in the language of `cfes-simulator --fault`; see README.
    /// @throws std::invalid_argument when it is malformed.
    options& fault(std::string_view spec);
    /// Seed of everything random in the simulator (faults, identifiers); 0 by default.
    options& seed(std::uint64_t value);
    /// Default: `duplicates::accept`.
    options& on_duplicate(duplicates value);
    /// Default: `identifier_form::uuid`.
    options& identifiers(identifier_form value);

private:
    friend class server;
    struct state;
    std::shared_ptr<state> state_;
};

/// One request as the simulator received it, with the status that it answered; 0 when a fault kept
/// the answer back.
struct logged_request {
    std::string method;
    std::string target;
    std::string body;
    unsigned status = 0;
};

/// Counters since the start.
struct statistics {
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;
    std::uint64_t refused_by_quota = 0;
    std::uint64_t faults = 0;
};

/// A running simulator: serves from construction to destruction. All members may be called from any
/// thread.
class server {
public:
    /// Binds, mints a CA and a certificate for 127.0.0.1, ::1 and localhost, and serves.
    /// @throws boost::system::system_error when the port cannot be bound.
    explicit server(options opts = {});
    ~server();
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    std::uint16_t port() const noexcept;
    /// `https://127.0.0.1:PORT/client/v4`
    std::string base_url() const;
    /// The certificate of the minted CA, PEM.
    std::string const& ca_certificate() const noexcept;

    /// Adds one block-sender entry for each pattern to the account's list, bypassing the API.
    void seed_block_senders(std::string_view account_id, std::vector<std::string> patterns);
    /// Replaces the faults, from the next request on. An empty spec ends them.
    void set_fault(std::string_view spec);
    /// Replaces the latency, from the next request on.
    void set_latency(std::chrono::milliseconds value);
    /// Closes every open connection; those in the middle of an exchange too.
    void drop_connections();

    statistics stats() const;
    /// The requests since the start or the last call, oldest first; at most the newest 10 000, with
    /// their bodies. Credentials are never kept.
    std::vector<logged_request> take_log();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace cloudflare::simulator
