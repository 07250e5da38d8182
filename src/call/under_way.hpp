#pragma once

#include <cloudflare/client_options.hpp>
#include <cloudflare/error.hpp>

#include <chrono>

/// The rule of `may_be_under_way` (`retry_policy.hpp`) for who has only the error of a call.
namespace cloudflare::inline v0::call {

/// Whether the server may still be at work on a request that failed so.
bool may_be_under_way(error const& why) noexcept;

/// How long to wait then before looking for what it did.
std::chrono::milliseconds settling_time(retry_options const& options) noexcept;

}  // namespace cloudflare::inline v0::call
