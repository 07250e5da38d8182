#pragma once

#include <cloudflare/error.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare {

/// What an answer said beside its result.
struct response_info {
    /// Of the last answer. A write that was found to be done although its answer was lost has that
    /// of its last attempt; 0 when there was none.
    unsigned status = 0;
    std::string ray_id;                 ///< `CF-Ray`
    std::vector<api_message> messages;  ///< the envelope's `messages`
    int attempts = 0;                   ///< how often the request was sent
};

/// Which of the calls that wait for the quota goes first: those of a higher priority, and among
/// equals who came first. Lower ones are not starved: after eight grants in a row to higher
/// priorities, one goes to the first of a lower one that waits.
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
    /// Attempts after the first; 0 turns retrying off. Default: `retry_options::max_retries`.
    call_options& max_retries(int value) {
        max_retries_ = value;
        return *this;
    }
    /// Whether a create whose answer was lost is looked up and, when it is not there, sent again;
    /// default true. With false such a call fails with `outcome::unknown`.
    call_options& settle_unknown(bool value) {
        settle_unknown_ = value;
        return *this;
    }
    /// An extra request header. Names that the client sets itself (`Host`, `Authorization`,
    /// `Content-Length`, `Connection`, …), and characters that could end the field, make the call
    /// fail with `errc::invalid_argument`.
    call_options& header(std::string name, std::string value) {
        headers_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    /// The call's place among those that wait for the quota; default `call_priority::normal`.
    call_options& priority(call_priority value) {
        priority_ = value;
        return *this;
    }
    /// Where to put what the answer said beside its result. Written before a successful call
    /// returns; a failed call carries the same in its `error`.
    call_options& info(std::shared_ptr<response_info> value) {
        info_ = std::move(value);
        return *this;
    }

    std::optional<std::chrono::milliseconds> const& timeout() const noexcept { return timeout_; }
    std::optional<int> const& max_retries() const noexcept { return max_retries_; }
    bool settle_unknown() const noexcept { return settle_unknown_; }
    std::vector<std::pair<std::string, std::string>> const& headers() const noexcept {
        return headers_;
    }
    call_priority priority() const noexcept { return priority_; }
    std::shared_ptr<response_info> const& info() const noexcept { return info_; }

private:
    std::optional<std::chrono::milliseconds> timeout_;
    std::optional<int> max_retries_;
    bool settle_unknown_ = true;
    call_priority priority_ = call_priority::normal;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::shared_ptr<response_info> info_;
};

}  // namespace cloudflare
