#pragma once

#include <cloudflare/detail/export.hpp>

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
///
/// It also verifies tokens (`GET /user/tokens/verify`) and lists accounts (`GET /accounts`): the one
/// that exists, or else those that were asked for so far.
///
/// The settings of an account begin empty. Its mail begins with 25 messages of the last 25 days,
/// one a day, of all dispositions, some in quarantine; three of them have been reported by users,
/// which makes three submissions; and each malicious one has a PhishGuard report. Moves, releases
/// and reclassifications take effect at once. A bulk job goes one state on whenever it is asked for
/// by its identifier. A search whose `query` has the word `simulate-slow` answers 202 twice, for
/// who follows its `Location`, before it answers 200; the word selects nothing.
namespace cloudflare::inline v0::simulator {

/// What the API does with a create whose pattern, type and regex flag are there already. Cloudflare
/// documents neither.
enum class duplicates { accept, conflict };

/// The form of the identifiers that the simulator hands out.
enum class identifier_form { uuid, integer };

/// How many requests a window allows. Exceeding it blocks everything until `window` has passed.
struct quota {
    std::uint64_t requests = 1200;                                 ///< that a window allows
    std::chrono::milliseconds window = std::chrono::seconds{300};  ///< from its first request
};

/// What a server is made from. Every setter returns the object, for chaining.
class CLOUDFLARE_EXPORT options {
public:
    /// TCP port on 127.0.0.1; 0, the default, lets the system choose one.
    options& port(std::uint16_t value);
    /// The one bearer token that is accepted. By default every well-formed credential is.
    options& token(std::string value);
    /// The one account that exists. By default every well-formed account does, with its own data.
    options& account_id(std::string value);
    /// The request quota of each credential; by default Cloudflare's, 1200 requests in 300 seconds.
    /// `std::nullopt` lifts it, and the rate-limit headers are not sent.
    options& request_quota(std::optional<quota> value);
    /// How long every answer is held back; 0 by default.
    options& latency(std::chrono::milliseconds value);
    /// Faults to inject; none by default.
    ///
    /// `value` is a comma-separated list of `[METHOD:]KIND@RATE` and `[METHOD:]KIND#N[-M]`:
    /// - `@RATE` strikes each request with that probability, 0 to 1 (`reset-after@0.1`);
    /// - `#N` strikes the Nth request from when the faults were set, counted from 1, and `#N-M` all
    ///   from the Nth to the Mth (`POST:500#2`);
    /// - with a METHOD only its requests are counted and struck.
    ///
    /// Of several that strike one request, the first in the list does. The kinds:
    /// - `reset-before`: the connection is reset, the request is not processed
    /// - `reset-after`: the request is processed, then the connection is reset without an answer
    /// - `NNN` (400 to 599): that status with the API's error document, not processed; 429 carries
    ///   `Retry-After: 1`
    /// - `NNN-after`: the same, but the request is processed
    /// - `NNN-html`: that status with an HTML page, not processed
    /// - `truncate`: processed; the head and half of the body, then the connection is closed
    /// - `stall`: processed; the head and half of the body, then nothing
    /// - `empty`: processed; status 200 with an empty body
    /// - `garbage`: processed; status 200 with the first half of the JSON document as a whole body
    /// - `hang`: not processed; no answer until the client goes away
    /// - `hang-after`: processed; no answer until the client goes away
    /// - `reset-late`, `NNN-late`, `hang-late`: the same, but the request is processed only right
    ///   after the next one that changes something and meets no fault
    ///
    /// A request that the quota refuses is counted, but gets the quota's answer. The same seed and
    /// the same sequence of requests meet the same faults.
    /// @throws std::invalid_argument when `value` is malformed.
    options& fault(std::string_view value);
    /// The most bytes of a request's body; a larger one is answered with 413. Default: 48 MiB,
    /// which has room for an EML file of 25 MiB in base64.
    options& max_body(std::uint64_t value);
    /// Seed of everything random in the simulator (faults, identifiers, mail); 0 by default.
    options& seed(std::uint64_t value);
    /// Default: `duplicates::accept`.
    options& on_duplicate(duplicates value);
    /// Whether patterns, domains and addresses are stored in lower case, and so compared with
    /// others; regular expressions stay as they are. The filters of a list compare with what is
    /// stored. Default: false.
    options& normalise(bool value);
    /// Default: `identifier_form::uuid`.
    options& identifiers(identifier_form value);
    /// The block senders that every account starts with; none by default. The pattern type is taken
    /// from each pattern.
    options& block_senders(std::vector<std::string> value);
    /// Whether it also takes request bodies that the API has ended: a release of a bare array of
    /// identifiers, a preview by `postfix_id`, and a move of many by `postfix_ids` alone. By
    /// default they are refused with 400, so that a client which still sends them is found.
    options& former_bodies(bool value);
    /// How many changes a second other people make in each collection of an account, from when it is
    /// first asked for; none by default. They create entries, and edit and delete those that they
    /// made; the collection begins with a hundred of theirs. What they do comes from the seed.
    options& writers(std::uint64_t changes_a_second);
    /// How long it takes until the lists of the settings, and their counts, show what was written
    /// through the API; 0 by default. What is asked for by its identifier is up to date.
    options& list_lag(std::chrono::milliseconds value);
    /// Whether requests are kept for `server::take_log`; true by default.
    options& log_requests(bool value);

private:
    friend class server;

    std::uint16_t port_ = 0;
    std::optional<std::string> token_;
    std::optional<std::string> account_id_;
    std::optional<quota> quota_ = quota{};
    std::chrono::milliseconds latency_{0};
    std::string fault_;
    std::uint64_t max_body_ = std::uint64_t{48} << 20U;
    std::uint64_t seed_ = 0;
    duplicates on_duplicate_ = duplicates::accept;
    bool normalise_ = false;
    identifier_form identifiers_ = identifier_form::uuid;
    std::vector<std::string> block_senders_;
    bool former_bodies_ = false;
    bool log_requests_ = true;
    std::uint64_t writers_ = 0;
    std::chrono::milliseconds list_lag_{0};
};

/// One request as the simulator received it, with the status that it answered; 0 when a fault kept
/// the answer back.
struct logged_request {
    std::string method;   ///< `GET`, `POST`, …
    std::string target;   ///< path and query
    std::string body;     ///< as it came
    unsigned status = 0;  ///< that was answered
};

/// Counters since the start.
struct statistics {
    std::uint64_t connections = 0;  ///< that were opened
    /// Connections whose TLS session was resumed from an earlier one.
    std::uint64_t resumed_sessions = 0;
    std::uint64_t requests = 0;          ///< that came
    std::uint64_t refused_by_quota = 0;  ///< answered with 429
    std::uint64_t faults = 0;            ///< injected
};

/// A running simulator: serves from construction to destruction. All members may be called from any
/// thread.
class CLOUDFLARE_EXPORT server {
public:
    /// Binds, mints a CA and a certificate for 127.0.0.1, ::1 and localhost, and serves.
    /// @throws boost::system::system_error when the port cannot be bound.
    explicit server(options opts = {});
    ~server();
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    /// The port on 127.0.0.1.
    std::uint16_t port() const noexcept;
    /// `https://127.0.0.1:PORT/client/v4`
    std::string base_url() const;
    /// The certificate of the minted CA, PEM.
    std::string const& ca_certificate() const noexcept;

    /// Adds one block-sender entry for each pattern to the account's list, bypassing the API and
    /// its checks. The pattern type is taken from each pattern.
    void seed_block_senders(std::string_view account_id, std::vector<std::string> patterns);
    /// Adds entries to a collection (named as in the API's paths, `allow_policies`), bypassing the
    /// API and its checks: entries can be made that it would refuse but might return. A domain made
    /// in this way counts as verified by other means than a DNS record, unless it is given a
    /// `verification_token`.
    /// @param json an array of objects with the API's field names.
    /// @throws std::invalid_argument when there is no such collection or field, or no such array.
    void seed_entries(std::string_view account_id, std::string_view collection,
                      std::string_view json);
    /// The patterns that the account's collection holds, oldest entry first, each as often as it is
    /// there.
    /// @throws std::invalid_argument when there is no such collection, or it has no patterns.
    std::vector<std::string> patterns(std::string_view account_id,
                                      std::string_view collection = "block_senders") const;
    /// All that the account's collection holds, oldest entry first, as the JSON array that the API
    /// would return.
    /// @throws std::invalid_argument when there is no such collection.
    std::string entries(std::string_view account_id,
                        std::string_view collection = "block_senders") const;

    /// Replaces the faults, from the next request on; see `options::fault`. An empty text ends
    /// them.
    /// @throws std::invalid_argument when `value` is malformed; the faults stay as they were.
    void set_fault(std::string_view value);
    /// Puts its clock forward, by which it dates its answers and what is created and edited. The
    /// quota's windows do not follow it.
    void advance_clock(std::chrono::seconds by);
    /// Replaces the latency, from the next request on.
    void set_latency(std::chrono::milliseconds value);
    /// Closes every open connection; those in the middle of an exchange too.
    void drop_connections();

    /// What was counted so far.
    statistics stats() const;
    /// The requests since the start or the last call, oldest first; at most the newest 10 000 and
    /// the newest 256 MiB of bodies. Credentials are never kept.
    std::vector<logged_request> take_log();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace cloudflare::inline v0::simulator
