#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/transport.hpp>

#include <optional>
#include <vector>

/// Cloudflare's envelope: `success`, `errors`, `messages`, `result`, `result_info`. Nothing outside
/// these two files knows it.
namespace cloudflare::wire {

/// Decodes the answer to a successful status: `result` and `result_info` into their places, the
/// `messages` into theirs. Fails when the body is not an envelope, or says `success: false`.
std::optional<error> decode_success(response const& answer, slot result, page_info* info,
                                    std::vector<api_message>& messages);

/// The error of any other status, with what the body tells of it.
error decode_failure(response const& answer);

/// Cloudflare's code for a request that timed out inside, which is worth another attempt.
bool is_request_timeout(error const& failure) noexcept;

}  // namespace cloudflare::wire
