#pragma once

#include "memory/task.hpp"

#include <cloudflare/client.hpp>

#include <memory>

namespace cloudflare {

struct client_core;

/// One call: attempt after attempt, each with the limiter's grant, until one is answered or
/// `policy::decide` gives up. The only place that retries. What the references are to must outlive
/// the task.
task<result<void>> send_with_retry(std::shared_ptr<client_core> core, pending_request& what,
                                   call_options const& options);

}  // namespace cloudflare
