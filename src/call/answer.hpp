#pragma once

#include "call/call_scope.hpp"
#include "call/retry_policy.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/transport.hpp>

#include <optional>
#include <vector>

namespace cloudflare::inline v0::call {

/// Reads an answer into the reply's places; why it is not a success, without the secret in any
/// text. `seen` gets what the retry rules want to know of it.
std::optional<error> read_answer(call_scope const& of, response& answer, reply const& into,
                                 attempt_outcome& seen, std::vector<api_message>& messages);

/// Empties the reply's places of what an earlier attempt may have left there.
void clear(reply const& into);

}  // namespace cloudflare::inline v0::call
