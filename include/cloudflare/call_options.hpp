#pragma once

#include <cloudflare/error.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

/// What an answer said beside its result, and what the call took.
struct response_info {
    /// Of the last answer. A write that was found to be done although its answer was lost has that
    /// of its last attempt; 0 when there was none.
    unsigned status = 0;
    std::string ray_id;                 ///< `CF-Ray`
    std::vector<api_message> messages;  ///< the envelope's `messages`
    int attempts = 0;                   ///< how often the request was sent
    std::string account;                ///< identifier of the account; empty when it is on none
    std::string tag;                    ///< `call_options::tag`
    int requests = 0;                   ///< as `call_counters`, of this call
    int retries = 0;                    ///< the same
    int throttled = 0;                  ///< the same
};

/// Counts what calls send, those that fail included. One object may serve several calls, also at
/// the same time and on several threads.
struct call_counters {
    std::atomic<std::uint64_t> requests{0};   ///< handed to the transport, those of look-ups too
    std::atomic<std::uint64_t> retries{0};    ///< of which repeated an earlier one
    std::atomic<std::uint64_t> throttled{0};  ///< of which waited for the quota
    /// When the last answer was made, by the server's clock: its `Date`, in seconds since 1970. 0
    /// while none has told.
    std::atomic<std::int64_t> server_time{0};
};

/// Which of the calls that wait for the quota, or for a connection, goes first: those of a higher
/// priority, and among equals who came first. Lower ones are not starved: after eight grants in a
/// row to higher priorities, one goes to the first of a lower one that waits.
enum class call_priority : unsigned char { low, normal, high };

/// What one call may do differently. The last argument of every operation.
class call_options {
public:
    call_options() noexcept {}

    /// The time for the whole call, from its start: waiting for the quota and for a connection,
    /// every attempt and every backoff. Default: `client_options::timeout`.
    call_options& timeout(std::chrono::milliseconds value) {
        timeout_ = value;
        return *this;
    }
    /// Attempts after the first, not counting those after a 429; 0: the request is sent once.
    /// Default: `retry_options::max_retries`. What a look-up sends does not count, but is itself
    /// repeated no more often than that.
    call_options& max_retries(int value) {
        max_retries_ = value;
        return *this;
    }
    /// Whether a create whose answer was lost is looked up and, when it is not there, sent again;
    /// default true. With false such a call fails with `outcome::unknown`. See
    /// `collection::create`.
    call_options& settle_unknown(bool value) {
        settle_unknown_ = value;
        return *this;
    }
    /// An extra request header. Names that the client sets itself (`Host`, `Authorization`,
    /// `Content-Length`, `Connection`, …), and characters that could end the field, make the call
    /// fail with `errc::invalid_argument`.
    call_options& header(std::string name, std::string value) {
        own().headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    /// The call's place among those that wait for the quota or a connection; default
    /// `call_priority::normal`.
    call_options& priority(call_priority value) {
        priority_ = value;
        return *this;
    }
    /// Comes back in every event of the call and in its `response_info`; means nothing to the
    /// client and is not sent. Must not be a secret, as events are logged.
    call_options& tag(std::string value) {
        own().tag = std::move(value);
        return *this;
    }
    /// Where to put what the answer said beside its result. Written when the call ends, well or
    /// not.
    call_options& info(std::shared_ptr<response_info> value) {
        own().info = std::move(value);
        return *this;
    }
    /// Where to count what the call sends, as it is sent.
    call_options& counters(std::shared_ptr<call_counters> value) {
        own().counters = std::move(value);
        return *this;
    }

    std::optional<std::chrono::milliseconds> const& timeout() const noexcept { return timeout_; }
    std::optional<int> const& max_retries() const noexcept { return max_retries_; }
    bool settle_unknown() const noexcept { return settle_unknown_; }
    std::vector<std::pair<std::string, std::string>> const& headers() const noexcept {
        return more().headers;
    }
    call_priority priority() const noexcept { return priority_; }
    std::string const& tag() const noexcept { return more().tag; }
    std::shared_ptr<response_info> const& info() const noexcept { return more().info; }
    std::shared_ptr<call_counters> const& counters() const noexcept { return more().counters; }

private:
    /// What few calls have; thousands may wait that have none of it.
    struct rare {
        std::vector<std::pair<std::string, std::string>> headers;
        std::string tag;
        std::shared_ptr<response_info> info;
        std::shared_ptr<call_counters> counters;
    };

    /// Copies share it until one of them changes it.
    rare& own() {
        auto mine = more_ ? std::make_shared<rare>(*more_) : std::make_shared<rare>();
        auto& changed = *mine;
        more_ = std::move(mine);
        return changed;
    }
    rare const& more() const noexcept {
        static rare const none;
        return more_ ? *more_ : none;
    }

    std::optional<std::chrono::milliseconds> timeout_;
    std::optional<int> max_retries_;
    bool settle_unknown_ = true;
    call_priority priority_ = call_priority::normal;
    std::shared_ptr<rare const> more_;
};

}  // namespace cloudflare::inline v0
