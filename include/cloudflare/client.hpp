#pragma once

#include <cloudflare/call_options.hpp>
#include <cloudflare/client_options.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/entry_match.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/task.hpp>
#include <cloudflare/event.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

struct client_core;

namespace detail {

class pending_request;

/// Sends further requests within a call that is under way: with its headers and deadline, and as
/// part of what it reports and counts.
class same_call {
public:
    /// As `client::send_in_place`.
    virtual task<result<void>> send(pending_request& what) = 0;

protected:
    ~same_call() = default;
};

}  // namespace detail

/// What reading back found of a write whose answer was lost.
struct looked_up {
    entry_match what = entry_match::other;  ///< what is there
    /// Where `what` is `differs`: the conflict, which is about the entry that is there.
    error conflict{};
};

/// Reads back whether a write of unknown outcome took effect.
class lookup {
public:
    /// `same`: it did, and the result is stored where the write's would have been. `other`: it is
    /// not there, and may be sent again.
    virtual detail::task<result<looked_up>> look_up(detail::same_call& within) = 0;

protected:
    ~lookup() = default;
};

/// Compares an answer that was read with what was asked for; may put it in order.
class answer_check {
public:
    /// Why the answer does not show that what was asked for was done: `errc::malformed_response`
    /// when it does not say, `errc::conflict` when it is about something else. None: it shows it.
    /// A write that is not shown to be done has an unknown outcome, as one whose answer was lost.
    virtual std::optional<error> check_answer() = 0;

protected:
    ~answer_check() = default;
};

/// Where the parts of a successful answer go, and how to look up what became of a request whose
/// answer was lost.
struct CLOUDFLARE_EXPORT reply {
    wire::slot result;                     ///< the envelope's `result`; no codec: it is not read
    page_info* info = nullptr;             ///< its `result_info`
    cloudflare::lookup* lookup = nullptr;  ///< none: an unknown outcome is an error
    unsigned* status = nullptr;            ///< the HTTP status, where several mean success
    std::string* location = nullptr;       ///< the `Location` header
    answer_check* check = nullptr;         ///< none: any answer with a result will do
    /// Of a `result` that is an array: an answer with more elements is `errc::response_too_large`.
    std::size_t max_elements = static_cast<std::size_t>(-1);
    /// Whether an answer without a result (null, nothing in its place, or HTTP 204) will do; else
    /// it is `errc::malformed_response`.
    bool may_lack_result = false;
};

namespace detail {

/// What a call sends and where its answer goes. Both are asked for once the quota grants a request,
/// so that calls that wait for that, thousands perhaps, hold no more than they need for it.
class pending_request {
public:
    virtual operation what() const = 0;
    /// The identifier of the account that it is on; empty: none. Lives as long as this.
    virtual std::string_view account() const { return {}; }
    /// Why it must not be sent, if it is known before the quota is waited for.
    virtual std::optional<error> refusal() const { return std::nullopt; }
    /// Called once at the most.
    virtual result<request> make_request() = 0;
    virtual reply where_to() = 0;

protected:
    ~pending_request() = default;
};

}  // namespace detail

/// A handle on a connection pool, a rate limiter and credentials. Copies are cheap and share them;
/// every operation in flight keeps them alive.
///
/// Thread-safety: all members, of one object or of copies, may be called from any thread. A call
/// runs on the executor of the coroutine that awaits it. As everywhere in Asio, a cancellation
/// signal must be emitted on the executor (strand) of the coroutine that it cancels.
///
/// Lifetime: like a socket, a client must not outlive the execution context of its executor.
/// Destroying that with calls in flight is safe.
///
/// Cancellation (terminal, partial and total are treated alike; a coroutine started by `co_spawn`
/// lets only terminal through unless it says otherwise): while waiting for the quota, for a
/// connection or in backoff, the call ends at once with `errc::cancelled` and `outcome::not_sent`
/// or that of an earlier attempt. After the first byte was written, the connection is closed and
/// the outcome of a write is `outcome::unknown`. It is always a result and nothing is thrown: a
/// coroutine that was cancelled during a call, or one of several calls such as `list_all` or `sync`,
/// gets it from its next call, too, as the former turned its `throw_if_cancelled` off. Other operations that it awaits after that do
/// not throw by themselves either, so let it end when it sees `errc::cancelled`. A coroutine that
/// was cancelled while it awaited something else throws at its next `co_await`, also of a call, as
/// Asio has it, unless it turned that off itself.
///
/// What is sent again: see `retry_options`.
class CLOUDFLARE_EXPORT client {
public:
    /// Connects to nothing yet.
    /// @throws exception with `errc::invalid_argument` when an option is out of its limits, or
    /// there are no credentials; `errc::tls_failed` when a certificate or key cannot be used.
    client(boost::asio::any_io_executor executor, client_options options);
    /// Sends through a transport of the caller's own instead of the pool.
    client(boost::asio::any_io_executor executor, client_options options,
           std::shared_ptr<transport> transport);

    /// Sends a request through retry, rate limit and transport, and decodes Cloudflare's envelope:
    /// for operations that have no function here. `message` is moved in; what `into` points to must
    /// outlive the call.
    ///
    /// Errors: every `errc`. A non-2xx answer, or `success: false`, is an error.
    boost::asio::awaitable<result<void>> send(request message, call_options options,
                                              reply into) const;

    /// As `send`, for the library's own operations: what the arguments refer to must outlive the
    /// task.
    detail::task<result<void>> send_in_place(detail::pending_request& what,
                                             call_options const& options) const;

    /// Refuses new calls with `errc::closed`, lets calls in flight end for `drain`, then cuts off
    /// their connections. Idle connections are closed at once. Cancelled, it waits no longer: what
    /// is in flight is cut off then.
    boost::asio::awaitable<void> close(std::chrono::milliseconds drain = std::chrono::seconds{
                                           5}) const;

    /// Counters since construction.
    cloudflare::metrics metrics() const noexcept;
    /// What is known of the quota.
    quota_snapshot quota() const;

    /// As they were given.
    client_options const& options() const noexcept;
    /// As it was given.
    boost::asio::any_io_executor get_executor() const noexcept;

private:
    std::shared_ptr<client_core> core_;
};

}  // namespace cloudflare::inline v0
