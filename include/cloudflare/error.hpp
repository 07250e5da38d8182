#pragma once

#include <cloudflare/detail/export.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0 {

/// Why an operation failed.
enum class errc {
    invalid_argument = 1,  ///< refused before anything was sent; the message names the field
    unauthorized,        ///< 401, or 400 with an authentication code: credentials missing or wrong
    forbidden,           ///< 403: the credentials lack the permission
    not_entitled,        ///< the account's plan does not include the feature (402)
    not_found,           ///< 404 or 410
    conflict,            ///< 409: it is there already
    request_rejected,    ///< any other 4xx: the API refused the request
    rate_limited,        ///< 429, or the quota's next window lies behind the deadline
    server_error,        ///< 5xx, also those of Cloudflare's edge (520-530)
    malformed_response,  ///< the answer is not HTTP, not JSON or not of the documented shape
    connect_failed,      ///< name resolution or TCP connect failed
    tls_failed,          ///< TLS handshake or certificate verification failed
    connection_lost,     ///< the connection ended before the whole answer was there
    timed_out,           ///< a timeout of the call or of its last attempt passed
    cancelled,           ///< the caller's own cancellation
    response_too_large,  ///< headers or body over the limits of `pool_options`
    closed,              ///< the client is closed
    retry_budget_exhausted,  ///< too many retries lately: the service is down
    quota_unavailable,  ///< the rate limiter failed: one of the caller's own threw, or its store
                        ///< did
    journal_failed,     ///< what a sync is about to do, or did, cannot be written to its journal
};

/// The category of `errc`.
CLOUDFLARE_EXPORT boost::system::error_category const& error_category() noexcept;
/// Found by Boost.System.
CLOUDFLARE_EXPORT boost::system::error_code make_error_code(errc value) noexcept;

/// What became of the request on the server, as far as the client can know.
enum class outcome {
    not_sent,  ///< no byte of it was sent, or it certainly was not processed
    rejected,  ///< the server answered that it did not do it
    unknown,   ///< it may have been applied: the answer was lost, late or unintelligible
};

/// Its name.
CLOUDFLARE_EXPORT std::string_view to_string(outcome value) noexcept;
/// Prints its name.
CLOUDFLARE_EXPORT std::ostream& operator<<(std::ostream& out, outcome value);

/// One entry of the `errors` or `messages` of Cloudflare's envelope; long texts are cut.
struct api_message {
    std::int64_t code = 0;          ///< Cloudflare's number
    std::string message;            ///< in words
    std::string documentation_url;  ///< empty when absent
    std::string source_pointer;     ///< JSON pointer into the request body; empty when absent
};

/// Why an operation failed: what is known, and never a secret or a whole body.
///
/// Cheap to copy and to move; a default-constructed object is only good for being assigned to.
class CLOUDFLARE_EXPORT error {
public:
    error() noexcept = default;
    /// Of this code, with the cause in words.
    error(errc code, std::string detail, cloudflare::outcome outcome = outcome::not_sent);

    /// The reason; compares with `errc`. `errc::timed_out` also equals
    /// `std::errc::timed_out`, `errc::cancelled` `std::errc::operation_canceled`,
    /// `errc::invalid_argument` `std::errc::invalid_argument`.
    boost::system::error_code code() const noexcept;
    /// Whether the request may have been applied.
    cloudflare::outcome outcome() const noexcept;
    /// The HTTP status of the last answer; 0 when there was none.
    unsigned status() const noexcept;
    /// Cloudflare's own errors.
    std::vector<api_message> const& errors() const noexcept;
    /// Cloudflare's `messages`, which may explain the errors.
    std::vector<api_message> const& messages() const noexcept;
    /// The `CF-Ray` of the last answer, for Cloudflare's support; empty when there was none.
    std::string const& ray_id() const noexcept;
    /// How often the request was sent, or tried to be.
    int attempts() const noexcept;
    /// How long the server asked to wait.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept;
    /// The cause in words, without status and ray id: a field's name and limit, the system's
    /// message, or the title of an HTML page.
    std::string const& detail() const noexcept;

    /// One line with all of it, but of many errors the first five only. Never has credentials.
    std::string message() const;

    /// Sets what the member of that name gives.
    ///@{
    error& outcome(cloudflare::outcome value);
    error& status(unsigned value);
    error& errors(std::vector<api_message> value);
    error& messages(std::vector<api_message> value);
    error& ray_id(std::string value);
    error& attempts(int value);
    error& retry_after(std::optional<std::chrono::milliseconds> value);
    error& code(errc value);
    ///@}

private:
    struct state;
    state& own();
    std::shared_ptr<state const> state_;
};

/// Prints `message()`.
CLOUDFLARE_EXPORT std::ostream& operator<<(std::ostream& out, error const& value);

/// What `result<T>::value()` throws.
class CLOUDFLARE_EXPORT exception : public boost::system::system_error {
public:
    /// Of this error.
    explicit exception(cloudflare::error reason);
    cloudflare::error const& reason() const noexcept { return reason_; }
    /// `reason().message()`.
    char const* what() const noexcept override { return text_.what(); }

private:
    cloudflare::error reason_;
    // Copied without failing, as an exception must be.
    std::runtime_error text_;
};

/// Found by `boost::system::result` to throw from `value()`.
[[noreturn]] CLOUDFLARE_EXPORT void throw_exception_from_error(error const& reason,
                                                               boost::source_location const& where);

}  // namespace cloudflare::inline v0

template <>
struct boost::system::is_error_code_enum<cloudflare::errc> : std::true_type {};
