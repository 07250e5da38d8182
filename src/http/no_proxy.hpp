#pragma once

#include "http/origin.hpp"

#include <string_view>

namespace cloudflare::inline v0::http {

/// Whether a list in the form of `NO_PROXY` (see `proxy::except`) names this host. There is no
/// standard; the rules are those that curl and Go have in common, and theirs for `.name` where they
/// differ is curl's: the name itself is meant too.
bool is_excepted(std::string_view list, origin const& to);

}  // namespace cloudflare::inline v0::http
