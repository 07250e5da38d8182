#pragma once

#include "exit_status.hpp"
#include "session.hpp"

#include <cloudflare/error.hpp>

namespace cfes {

/// Says why a call failed; the exit status.
int complain_about(session const& with, cloudflare::error const& why);

}  // namespace cfes
