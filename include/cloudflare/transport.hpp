#pragma once

#include <cloudflare/call_options.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

/// How a request is sent.
enum class http_method : unsigned char { get, post, put, patch, delete_ };

/// `GET`, `POST`, …
CLOUDFLARE_EXPORT std::string_view to_string(http_method value) noexcept;

/// One operation of the API: its method and its path template below the base URL.
struct operation {
    http_method method = http_method::get;  ///< how it is sent
    std::string_view path;  ///< with `{account_id}` and the like; static storage
};

/// An HTTP request, below the level of the API.
struct request {
    request() noexcept {}

    cloudflare::operation operation;  ///< what it is
    std::string target;  ///< path below the base URL, with the query; percent-encoded
    std::string body;    ///< JSON; empty: no body
    std::vector<std::pair<std::string, std::string>> headers;  ///< beside the client's own
    bool is_repeatable = false;  ///< a POST that changes nothing; other methods always are
    /// Not sent again unless it certainly was not done, though its method would allow it: a DELETE
    /// whose answer alone says what it deleted.
    bool is_sent_once = false;
    /// Identifier of the account that the operation is on, for events; null: none.
    std::shared_ptr<std::string const> account;
};

/// An HTTP answer, reduced to what the layers above need.
struct response {
    unsigned status = 0;           ///< of HTTP
    std::string body;              ///< without its header
    std::string ray_id;            ///< `CF-Ray`
    std::string ratelimit;         ///< `Ratelimit`
    std::string ratelimit_policy;  ///< `Ratelimit-Policy`
    std::string retry_after;       ///< `Retry-After`
    std::string retry_after_ms;    ///< `Retry-After-Ms`
    std::string should_retry;      ///< `X-Should-Retry`
    std::string location;          ///< `Location`
    std::string date;              ///< `Date`
};

/// What is known of an attempt, whether an answer came or not.
struct attempt_facts {
    std::chrono::steady_clock::time_point deadline;  ///< in: when the attempt must have ended
    std::uint64_t call = 0;                          ///< in: number of the call, for events
    std::string_view account;                        ///< in: the same
    std::string_view tag;                            ///< in: the same
    call_priority priority = call_priority::normal;  ///< in: of the call
    bool reused = false;            ///< out: sent on a connection that had served before
    bool bytes_sent = false;        ///< out: some byte of the request may have been taken in
    bool response_started = false;  ///< out: some byte of the answer arrived
    bool refused = false;  ///< out: no connection, for a reason that stays: a certificate, a proxy
};

/// Sends one request and reads its answer, once, without retrying. The seam for tests, mocks and
/// proxies of the user's own.
class transport {
public:
    virtual ~transport() = default;

    /// Must fill the facts even when it throws or is cancelled. Errors are of the kinds
    /// `connect_failed`, `tls_failed`, `connection_lost`, `timed_out`, `malformed_response`,
    /// `response_too_large`, `cancelled`, `closed`. `message` and `facts` outlive the call.
    ///
    /// What it throws fails its call, with `errc::connection_lost`, and nothing else. It runs on a
    /// strand of its own. One that has not returned by `facts.deadline`, or half a second after it
    /// was cancelled, is left behind: its call ends, and what it returns then is dropped.
    virtual boost::asio::awaitable<result<response>> send(request const& message,
                                                          attempt_facts& facts) = 0;

    /// Refuses new work and lets what is in flight end; what has not ended by the deadline is cut
    /// off. What it throws is ignored; one that does not return is left behind after a second.
    virtual boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace cloudflare::inline v0
