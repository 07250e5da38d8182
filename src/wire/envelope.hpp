#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/transport.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

/// Cloudflare's envelope: `success`, `errors`, `messages`, `result`, `result_info`. Nothing outside
/// these two files knows it.
namespace cloudflare::inline v0::wire {

/// What is made of an answer, and what it must not go beyond.
struct expectation {
    slot result;
    page_info* info = nullptr;
    /// Whether an answer without a result will do; always, if it has no place.
    bool may_lack_result = false;
    /// Of a result that is an array.
    std::size_t max_elements = static_cast<std::size_t>(-1);
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Decodes the answer to a successful status: `result` and `result_info` into their places, the
/// `messages` into theirs. Fails when the body is not an envelope, says `success: false`, lacks the
/// result, or when more would be made of it than is bearable (`errc::response_too_large`) or there
/// is time for (`errc::timed_out`).
std::optional<error> decode_success(response const& answer, expectation const& into,
                                    std::vector<api_message>& messages);

/// The error of any other status, with what the body is about it, as far as that is read in time.
error decode_failure(response const& answer, std::chrono::steady_clock::time_point deadline);

/// Cloudflare's code for a request that timed out inside, which is worth another attempt.
bool is_request_timeout(error const& failure) noexcept;

}  // namespace cloudflare::inline v0::wire
