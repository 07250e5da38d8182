#pragma once

#include "memory/task.hpp"

#include <cloudflare/client.hpp>

#include <memory>

namespace cloudflare::inline v0 {

struct client_core;

namespace call {

/// One call: the only place where anything is sent, waited for or sent again; what is to be done is
/// `machine`'s decision. What the references are to must outlive the task.
task<result<void>> send_call(std::shared_ptr<client_core> core, detail::pending_request& what,
                             call_options const& options);

}  // namespace call

}  // namespace cloudflare::inline v0
